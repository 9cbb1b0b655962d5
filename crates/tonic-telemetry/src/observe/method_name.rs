/// The longest name, in bytes.
const MAX_BYTES: usize = 128;

/// Whether a text is a full name of a method, as the [style guide][style] of Protocol Buffers has it:
/// `package.v1.Service/Method`.
///
/// A caller chooses the text. An address, a path of a URL, a JSON web token or a random key is no such
/// name: a package is in lower case, a service and a method are words, and all have few digits.
///
/// [style]: https://protobuf.dev/programming-guides/style/
pub(super) fn is_method_name(text: &str) -> bool {
    let parts = || {
        let (service, method) = text.split_once('/')?;
        let (package, service) = service.rsplit_once('.')?;
        Some((package, service, method))
    };
    text.len() <= MAX_BYTES
        && parts().is_some_and(|(package, service, method)| {
            package.split('.').all(is_package)
                && is_word(service)
                && service.starts_with(|first: char| first.is_ascii_uppercase())
                && is_word(method)
        })
}

fn is_package(part: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    part.bytes().all(allowed) && is_short(part)
}

/// Words that are written as one, with short abbreviations: five capitals follow each other in
/// `HTTPProxy`.
fn is_word(name: &str) -> bool {
    let mut capitals = 0;
    let few_capitals = name.bytes().all(|byte| {
        capitals = if byte.is_ascii_uppercase() {
            capitals + 1
        } else {
            0
        };
        capitals <= 5
    });
    few_capitals && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_short(name)
}

/// Begins with a letter, is no longer than a name is, and has the digits of a version at most.
fn is_short(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.len() <= 48 && digits <= 3
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_method_name;

    #[rstest]
    #[case("tracewalk.user.v1.UserService/GetUser")]
    #[case("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")]
    #[case("grpc.testing.TestService/emptyCall")]
    #[case("my_company.v1beta1.IAMPolicy/GetIAMPolicyV2")]
    fn names_of_methods_are_known(#[case] name: &str) {
        assert!(is_method_name(name));
    }

    #[rstest]
    #[case("", "nothing")]
    #[case("x/a@b.example", "an address")]
    #[case("users/reset/canary", "a path of a URL")]
    #[case("EchoService/Echo", "no package: it may be any path of a URL")]
    #[case("x/eyJhbGciOiJFZERTQSJ9.e30.c2ln", "a JSON web token")]
    #[case("eyJhbGciOiJFZERTQSJ9.e30.Sig/Get", "a token in place of the service")]
    #[case("a.b.Users/9fQ2LxZrT7vKp3WmN8sY", "a random key")]
    #[case("a.b.AKIAIOSFODNN/Get", "a key in capitals")]
    #[case("a.deadbeef1234.Users/Get", "hexadecimal digits in a package")]
    #[case("a.b.Users/Get/More", "a deeper path")]
    #[case("a.b.Users/Get?x=y", "a query")]
    #[case("a..Users/Get", "an empty part of a package")]
    #[case("a.b.Ünits/Get", "letters of other languages")]
    fn all_else_is_text_of_the_caller(#[case] text: &str, #[case] why: &str) {
        assert!(!is_method_name(text), "{why}");
    }
}
