use std::borrow::Cow;

/// What is written in place of a secret.
pub(super) const HIDDEN: &str = "[hidden]";

/// Claims that a field of this name holds a secret or says who somebody is.
pub(super) fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "authorization",
        "cookie",
        "credential",
        "email",
        "e_mail",
        "password",
        "passwd",
        "secret",
        "api_key",
    ];
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    let ends_with_token = name == "token" || name.ends_with("_token");
    ends_with_token || WORDS.iter().any(|word| name.contains(word))
}

/// The text with every e-mail address, bearer token and web token in it hidden.
///
/// The last net, for a message that quotes what somebody sent. It errs on the side of hiding.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let suspicious = text.contains(['@']) || text.contains("eyJ") || contains_scheme(text);
    if !suspicious {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut after_scheme = false;
    for word in text.split_inclusive(|character: char| is_separator(character)) {
        let core = word.trim_end_matches(is_separator);
        let secret = after_scheme && !core.is_empty() || is_address(core) || is_web_token(core);
        clean.push_str(if secret { HIDDEN } else { core });
        clean.push_str(&word[core.len()..]);
        after_scheme = is_scheme(core) || after_scheme && core.is_empty();
    }
    Cow::Owned(clean)
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || ",;:\"'<>()[]{}=&?/".contains(character)
}

fn is_scheme(word: &str) -> bool {
    word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic")
}

fn contains_scheme(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("bearer") || lower.contains("basic")
}

fn is_address(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

fn is_web_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.matches('.').count() >= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        for name in [
            "authorization",
            "X-Api-Key",
            "user.email",
            "access_token",
            "db.password",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["user_id", "tokens_left", "method", "key", "grpc"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn secrets_inside_a_text_are_hidden_and_the_rest_stays() {
        let cases = [
            ("no such user: ada@example.org!", "no such user: [hidden]"),
            (
                "Authorization: Bearer abc.def",
                "Authorization: Bearer [hidden]",
            ),
            (
                "got 'bearer  s3cret', refused",
                "got 'bearer  [hidden]', refused",
            ),
            (
                "token eyJhbGciOi.eyJzdWIi.c2ln expired",
                "token [hidden] expired",
            ),
            ("<ada@mail.example.org>", "<[hidden]>"),
            ("a basic test", "a basic [hidden]"),
            ("key foo@bar of tracestate", "key foo@bar of tracestate"),
            ("nothing to hide", "nothing to hide"),
        ];
        for (text, expected) in cases {
            assert_eq!(hide(text), expected);
        }
    }
}
