use http::HeaderValue;

/// Most products that are shown, and most bytes of a name and of a version: what tools send is shorter.
const MAX_PRODUCTS: usize = 5;
const MAX_NAME_BYTES: usize = 32;
const MAX_VERSION_BYTES: usize = 24;

/// The products with their versions of a user agent, as `grpc-go/1.80.0`; `None` where it has none.
///
/// All else is left out: a comment, or a text that is no user agent, may be anything.
/// Spec: [RFC 9110, 10.1.5][rfc].
///
/// [rfc]: https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5
pub(super) fn products(user_agent: &HeaderValue) -> Option<String> {
    let text = String::from_utf8_lossy(user_agent.as_bytes());
    let products = text
        .split_ascii_whitespace()
        .filter(|word| is_product(word));
    let products: Vec<_> = products.take(MAX_PRODUCTS).collect();
    (!products.is_empty()).then(|| products.join(" "))
}

/// `name/version`: a word, and numbers with dots between them and at most a suffix.
fn is_product(word: &str) -> bool {
    let Some((name, version)) = word.split_once('/') else {
        return false;
    };
    let in_name = |byte: u8| byte.is_ascii_alphabetic() || b"-_.".contains(&byte);
    let (number, suffix) = match version.find(['-', '+']) {
        Some(end) => (&version[..end], &version[end + 1..]),
        None => (version, ""),
    };
    let is_number =
        |part: &str| (1..=5).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit());
    let in_suffix = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.';
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= MAX_NAME_BYTES
        && name.bytes().all(in_name)
        && version.len() <= MAX_VERSION_BYTES
        && number.split('.').all(is_number)
        && suffix.len() <= 12
        && suffix.bytes().all(in_suffix)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use rstest::rstest;

    use super::products;

    #[rstest]
    #[case("grpc-go/1.80.0", Some("grpc-go/1.80.0"))]
    #[case(
        "grpc-python/1.76.0-pre1 grpc-c/51.0.0 (linux; chttp2)",
        Some("grpc-python/1.76.0-pre1 grpc-c/51.0.0")
    )]
    #[case(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        Some("Mozilla/5.0 AppleWebKit/537.36")
    )]
    #[case("x-api-key: SECRET", None)]
    #[case("token=SECRET", None)]
    #[case("mail/ada@localhost curl/8.5.0", Some("curl/8.5.0"))]
    #[case("Bearer/eyJhbGciOi.eyJzdWIi.c2ln", None)]
    #[case("key/1SECRETSECRET", None)]
    #[case("a/123456789012", None)]
    #[case("a/1 b/1 c/1 d/1 e/1 f/1", Some("a/1 b/1 c/1 d/1 e/1"))]
    #[case("", None)]
    fn products_with_versions_are_shown_and_nothing_else(
        #[case] agent: &str,
        #[case] expected: Option<&str>,
    ) {
        let value = HeaderValue::from_str(agent).expect("visible ASCII");
        assert_eq!(products(&value).as_deref(), expected);
    }
}
