//! The one place that hides secrets: text that looks like one, or names a person, is not recorded.
//!
//! Log lines, log records and spans all pass through here, whatever wrote them: [`hide`] for a text,
//! [`clean`] for a span. Metrics need none of it: the values of their labels are closed sets.
//!
//! This is the last defence. A value that a caller chooses is first narrowed where it is recorded,
//! to forms without secrets: `rpc.method_original` to names as the style guide of Protocol Buffers
//! has them, `server.address` to host names, a user agent to products with versions, a principal to
//! a short name or a pseudonym. The rest is free text: messages of errors, fields of handlers.
//! In such a text this module hides the following, and rather too much than too little:
//!
//! | what | known by |
//! |---|---|
//! | e-mail addresses, users in URLs | an `@`, also encoded, with something on both sides |
//! | credentials | a name such as `token`, `password`, `x-api-key` or `cookie` before `=` or `:` |
//! | values in the query of a URL | `?name=` and `&name=` |
//! | `Authorization` | a scheme such as `Bearer` or `Basic` |
//! | keys and tokens of known shape | JWT, PEM, and the prefixes of well-known issuers |
//! | random keys | 24 letters and digits in a row, of both cases, or 40 hexadecimal digits |

mod harmless;
mod names;
mod scan;
mod shapes;
mod spans;

use std::borrow::Cow;

use harmless::is_harmless;
pub(crate) use names::is_secret;
pub(crate) use spans::clean;

/// What is recorded in place of a secret.
pub(crate) const HIDDEN: &str = "[hidden]";

/// The text with every secret in it replaced by [`HIDDEN`].
pub(crate) fn hide(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        return Cow::Borrowed(text);
    }
    scan::replace(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("no such user: ada@example.org!", "no such user: [hidden]")]
    #[case("to ada@localhost, please", "to [hidden], please")]
    #[case("<ada@mail.example.org>", "<[hidden]>")]
    #[case("ü.ö+x@exämple.org", "[hidden]")]
    #[case("o'brien@x.ie", "[hidden]")]
    #[case(r#""ada lovelace"@example.org"#, "[hidden]")]
    #[case("ada@[127.0.0.1] left", "[hidden] left")]
    #[case("/users/ada%40example.org/x", "[hidden]")]
    #[case("ada＠example.org", "[hidden]")]
    #[case(r#"{"mail":"ada\u0040example.org"}"#, r#"{"mail":"[hidden]"}"#)]
    #[case("postgres://ada:s3cret@db/users", "[hidden]")]
    #[case("Authorization: Bearer abc.def", "Authorization: [hidden]")]
    #[case("got 'bearer  s3cret', refused", "got 'bearer  [hidden]', refused")]
    #[case("Basic%20YTpi", "Basic%20[hidden]")]
    #[case("x-api-key: SECRET", "x-api-key: [hidden]")]
    #[case("token=SECRET next", "token=[hidden] next")]
    #[case("access_token = SECRET", "access_token = [hidden]")]
    #[case("--password SECRET --quiet", "--password [hidden] --quiet")]
    #[case(r#"{"api_key":"SE\"CRET","n":1}"#, r#"{"api_key":"[hidden]","n":1}"#)]
    #[case(
        r#"{"cookie": "a=b; c=d", "te": "x"}"#,
        r#"{"cookie": "[hidden]", "te": "x"}"#
    )]
    #[case(r#"Some("password=x y")"#, r#"Some("password=[hidden] y")"#)]
    #[case(
        r#"{\"token\":\"SECRET\",\"n\":1}"#,
        r#"{\"token\":\"[hidden]\",\"n\":1}"#
    )]
    #[case("Set-Cookie: a=b; c=d\nte: x", "Set-Cookie: [hidden]\nte: x")]
    #[case("authorization=>Digest a=b", "authorization=>[hidden]")]
    #[case("password: token = SECRET", "password: [hidden] = [hidden]")]
    #[case("{password: 'a b', user: 1}", "{password: '[hidden]', user: 1}")]
    #[case("token%3DSECRET", "token%3D[hidden]")]
    #[case("cookie: a=b; c=d", "cookie: [hidden]")]
    #[case("GET /x?code=SECRET&b=2#top", "GET /x?code=[hidden]&b=[hidden]#top")]
    #[case("token eyJhbGciOi.eyJzdWIi.c2ln expired", "token [hidden] expired")]
    #[case("/x/eyJhbGciOiJFZERTQSJ9.e30.c2ln", "/x/[hidden]")]
    #[case("key sk_live_4eC39HqLyjWD is", "key [hidden] is")]
    #[case("at AKIAIOSFODNN7EXAMPLE", "at [hidden]")]
    #[case(
        "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\nx",
        "[hidden]\nx"
    )]
    #[case("got 9fQ2LxZrT7vKp3WmN8sYbC1d", "got [hidden]")]
    #[case("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "[hidden]")]
    fn secrets_inside_a_text_are_hidden_and_the_rest_stays(
        #[case] text: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(hide(text), expected);
    }

    #[rstest]
    #[case("nothing to hide")]
    #[case("tracewalk.user.v1.UserService/GetUser")]
    #[case("127.0.0.1:50052")]
    #[case("http://127.0.0.1:4317/")]
    #[case("the token is expired")]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    #[case("6fa459ea-ee8a-3ca4-894e-db77e160355e")]
    #[case("grpc-node-js/1.10.0 DEADLINE_EXCEEDED")]
    #[case("cannot connect: Connection refused (os error 111)")]
    #[case("span ledger: started 9 = exported 9 + failed 0")]
    fn what_is_no_secret_stays(#[case] text: &str) {
        assert_eq!(hide(text), text);
    }

    /// What surrounds a secret in a text.
    const AROUND: &str = "[ -~äß\n]{0,12}";

    /// A text of what announces a secret, and what may stand between.
    fn pieces_of_secrets() -> impl Strategy<Value = String> {
        let pieces = [
            "bearer",
            "Basic",
            "SSWS",
            "token",
            "password",
            "cookie",
            "-",
            "--",
            " ",
            "  ",
            "\t",
            ":",
            "/",
            "'",
            "\"",
            ",",
            "\n",
            "1",
            "x",
            "ab12",
            "-----BEGIN ",
            "-----END ",
            "ü",
        ];
        let text = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..9);
        text.prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn an_address_is_hidden_wherever_it_stands(
            before in AROUND, after in AROUND,
            local in "[a-z][a-z0-9.+_-]{0,10}", domain in "[a-z]{1,9}(\\.[a-z]{2,5})?",
        ) {
            let address = format!("{local}@{domain}");
            let hidden = hide(&format!("{before} {address} {after}")).into_owned();
            prop_assert!(!hidden.contains(&address), "{hidden}");
        }

        #[test]
        fn a_credential_is_hidden_after_its_name(
            before in AROUND, after in AROUND, secret in "[A-Z]{8,12}",
            name in prop::sample::select(vec!["token", "X-API-Key", "password", "client_secret", "Cookie", "authorization"]),
            between in prop::sample::select(vec![": ", "=", ":", " = ", "\": \"", "=>", "=\"", ": Bearer "]),
        ) {
            let hidden = hide(&format!("{before} {name}{between}{secret} {after}")).into_owned();
            prop_assert!(!hidden.contains(&secret), "{hidden}");
        }

        #[test]
        fn hiding_twice_is_hiding_once(text in "\\PC{0,60}|[ -~]{0,60}") {
            let once = hide(&text).into_owned();
            prop_assert_eq!(hide(&once).into_owned(), once);
        }

        #[test]
        fn what_passes_as_harmless_has_nothing_to_hide(
            text in prop_oneof!["[ -~＠ü]{0,80}", pieces_of_secrets()],
        ) {
            if is_harmless(&text) {
                prop_assert_eq!(scan::replace(&text), text.as_str());
            }
        }
    }
}
