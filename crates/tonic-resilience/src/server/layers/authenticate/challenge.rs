use tonic::{Status, metadata::AsciiMetadataValue};

/// Which token a caller has to send, and what was wrong with the one it sent.
///
/// Spec: [RFC 6750, 3](https://www.rfc-editor.org/rfc/rfc6750#section-3).
#[derive(Clone, Copy, Debug)]
pub(super) enum Challenge<'a> {
    /// The caller sent no token, or credentials of another scheme.
    Token,
    /// Its token is not valid.
    InvalidToken,
    /// Its token lacks this scope.
    Scope(&'a str),
}

impl Challenge<'_> {
    /// Adds the challenge to a refusal, as the metadata `www-authenticate`.
    pub(super) fn add_to(self, status: &mut Status, realm: &str) {
        let realm = quoted(realm);
        let text = match self {
            Self::Token => format!("Bearer realm={realm}"),
            Self::InvalidToken => format!("Bearer realm={realm}, error=\"invalid_token\""),
            Self::Scope(scope) => {
                let scope = quoted(scope);
                format!("Bearer realm={realm}, error=\"insufficient_scope\", scope={scope}")
            }
        };
        // Names that a header cannot hold are left out.
        let value = AsciiMetadataValue::try_from(text);
        let value = value.unwrap_or_else(|_| AsciiMetadataValue::from_static("Bearer"));
        status.metadata_mut().insert("www-authenticate", value);
    }
}

/// Spec: [RFC 9110, 5.6.4](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_what_no_header_can_hold_is_left_out() {
        let of = |realm, challenge: Challenge| {
            let mut status = Status::unauthenticated("");
            challenge.add_to(&mut status, realm);
            let value = status.metadata().get("www-authenticate").unwrap();
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            of("a \"b\" \\", Challenge::Token),
            r#"Bearer realm="a \"b\" \\""#
        );
        assert_eq!(
            of("a", Challenge::Scope("users:write")),
            r#"Bearer realm="a", error="insufficient_scope", scope="users:write""#
        );
        assert_eq!(of("a\nb", Challenge::InvalidToken), "Bearer");
    }
}
