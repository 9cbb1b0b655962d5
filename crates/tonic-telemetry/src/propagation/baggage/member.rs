use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The characters that a value must encode: `DQUOTE`, `,`, `;`, `\`, white space, controls, and the
/// percent sign itself. Characters beyond ASCII are always encoded.
const ENCODED: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%');

/// One `key=value;property` of a baggage list, as it was written.
///
/// The value stays encoded: decoded and encoded again it might look different at the next hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: String,
    value: String,
    /// With their semicolons: `;a=b;c`.
    pub(super) properties: String,
}

impl Member {
    /// Reads a list member; `None` where it breaks the grammar.
    ///
    /// Spec: [§3.2.1](https://www.w3.org/TR/baggage/#definition).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(trimmed);
        let (key, value) = parts.next()?.split_once('=')?;
        let (key, value) = (trimmed(key), trimmed(value));
        let mut properties = String::new();
        for property in parts {
            let (name, value) = property.split_once('=').unwrap_or((property, ""));
            if !is_token(trimmed(name)) || !is_value(trimmed(value)) {
                return None;
            }
            properties.push(';');
            properties.push_str(property);
        }
        let valid = is_token(key) && is_value(value);
        valid.then(|| Self {
            key: key.to_owned(),
            value: value.to_owned(),
            properties,
        })
    }

    /// A member that this process adds; `None` where the key is no token.
    pub(super) fn new(key: &str, value: &str, properties: &str) -> Option<Self> {
        let value = utf8_percent_encode(value, &ENCODED).to_string();
        let separator = if properties.is_empty() { "" } else { ";" };
        Self::parse(&format!("{key}={value}{separator}{properties}"))
    }

    /// The value in plain text. Bytes that are no UTF-8 are replaced, as the specification says.
    pub(super) fn text(&self) -> Cow<'_, str> {
        percent_decode_str(&self.value).decode_utf8_lossy()
    }

    pub(super) fn len(&self) -> usize {
        self.key.len() + 1 + self.value.len() + self.properties.len()
    }
}

impl fmt::Display for Member {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}{}", self.key, self.value, self.properties)
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// A token of RFC 9110.
fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

/// `*baggage-octet`: printable ASCII but for white space and `"`, `,`, `;`, `\`.
fn is_value(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
}
