use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tonic_resilience::client::target::{Authority, ParseTargetError};

/// The value of a key, as etcd's gRPC naming writes it.
///
/// Spec: <https://pkg.go.dev/go.etcd.io/etcd/client/v3/naming/endpoints>
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    /// 0: an address is added. Nobody reads it: a key that is gone says that its server is.
    #[serde(default)]
    op: u8,
    addr: String,
    #[serde(default)]
    metadata: Value,
}

/// Why a value is not an endpoint.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EntryError {
    #[error("not JSON as {{\"Op\":0,\"Addr\":\"host:port\",\"Metadata\":null}}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Addr(#[from] ParseTargetError),
}

/// The key of a server of `name`.
pub(crate) fn key(name: &str, server: &Authority) -> String {
    format!("{name}/{}", server.address())
}

/// The first and the end of the keys of all servers of `name`.
pub(crate) fn range(name: &str) -> (Vec<u8>, Vec<u8>) {
    // '0' comes after '/'.
    (format!("{name}/").into(), format!("{name}0").into())
}

/// The value for a server; its weight is in the metadata where it is not 1.
pub(crate) fn value(server: &Authority) -> String {
    let update = Update {
        op: 0,
        addr: server.address(),
        metadata: match server.weight() {
            1 => Value::Null,
            weight => json!({ "weight": weight }),
        },
    };
    serde_json::to_string(&update).expect("it has strings and numbers alone")
}

/// The server of a value. A weight that is not from 1 to 65535 counts as 1, and is logged: a server
/// is worth more than its share.
///
/// # Errors
/// When it is not JSON as expected, or the address not `host:port`.
pub(crate) fn parse(value: &[u8]) -> Result<Authority, EntryError> {
    let Update { addr, metadata, .. } = serde_json::from_slice(value)?;
    let weight = metadata.get("weight");
    let known = weight
        .and_then(Value::as_u64)
        .filter(|it| (1..=65535).contains(it));
    if let (Some(weight), None) = (weight, known) {
        tracing::warn!(server = addr, %weight, "expected a weight from 1 to 65535: 1 is taken");
    }
    // Parsed as an address first: it must not bring a weight of its own.
    let server: Authority = addr.parse()?;
    let weight = known.unwrap_or(1);
    Ok(format!("{};weight={weight}", server.address()).parse()?)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "10.0.0.2:50052",
        r#"{"Op":0,"Addr":"10.0.0.2:50052","Metadata":null}"#
    )]
    #[case(
        "[::1]:1;weight=3",
        r#"{"Op":0,"Addr":"[::1]:1","Metadata":{"weight":3}}"#
    )]
    fn a_value_is_what_etcds_naming_writes(#[case] server: &str, #[case] text: &str) {
        let server: Authority = server.parse().expect("a server");
        assert_eq!(value(&server), text);
        assert_eq!(parse(text.as_bytes()).expect("an endpoint"), server);
    }

    #[rstest]
    #[case(r#"{"Addr":"a:1"}"#, "a:1")]
    #[case(r#"{"Op":0,"Addr":"a:1","Metadata":"zone b","More":1}"#, "a:1")]
    #[case(
        r#"{"Op":0,"Addr":"a:1","Metadata":{"zone":"b","weight":7}}"#,
        "a:1;weight=7"
    )]
    #[case(r#"{"Op":0,"Addr":"a:1","Metadata":{"weight":0}}"#, "a:1")]
    #[case(r#"{"Op":0,"Addr":"a:1","Metadata":{"weight":"many"}}"#, "a:1")]
    fn what_others_write_is_read(#[case] text: &str, #[case] server: &str) {
        assert_eq!(
            parse(text.as_bytes()).expect("an endpoint").to_string(),
            server
        );
    }

    #[rstest]
    #[case("10.0.0.2:50052")]
    #[case("{}")]
    #[case(r#"{"Op":0,"Addr":""}"#)]
    #[case(r#"{"Op":0,"Addr":"unix:/run/user.sock"}"#)]
    fn what_is_no_endpoint_is_an_error(#[case] text: &str) {
        assert!(parse(text.as_bytes()).is_err());
    }

    #[test]
    fn the_range_has_the_keys_of_one_name_alone() {
        let (first, end) = range("user");
        let within =
            |key: &str| first.as_slice() <= key.as_bytes() && key.as_bytes() < end.as_slice();
        let server = "a:1".parse().expect("a server");
        assert!(within(&key("user", &server)));
        for other in ["user-v2", "users", "use", "profile"] {
            assert!(!within(&key(other, &server)), "{other}");
        }
    }
}
