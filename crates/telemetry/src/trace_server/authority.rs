use http::{Request, header::HOST, uri::Authority};
use opentelemetry::KeyValue;

use crate::conventions::{SERVER_ADDRESS, SERVER_PORT};

/// The longest `server.address`, in bytes: no domain name is longer.
const LONGEST_ADDRESS: usize = 255;

/// `server.address` and `server.port`, as the caller named the server.
///
/// From `:authority`, or from `Host` where a gateway speaks HTTP/1; never from the socket, whose
/// address says nothing behind a proxy.
pub(super) fn attributes<B>(request: &Request<B>) -> impl Iterator<Item = KeyValue> {
    let authority = request.uri().authority().cloned().or_else(|| {
        let host = request.headers().get(HOST)?;
        Authority::try_from(host.as_bytes()).ok()
    });
    let named = authority.filter(|authority| authority.host().len() <= LONGEST_ADDRESS);
    let address = named.as_ref().map(|authority| {
        let host = authority.host();
        // An IPv6 address stands in brackets in a URI only.
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        KeyValue::new(SERVER_ADDRESS, bare.unwrap_or(host).to_owned())
    });
    let port = named
        .and_then(|authority| authority.port_u16())
        .map(|port| KeyValue::new(SERVER_PORT, i64::from(port)));
    [address, port].into_iter().flatten()
}
