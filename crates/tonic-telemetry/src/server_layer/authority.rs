use http::{Request, header::HOST, uri::Authority};
use opentelemetry::KeyValue;
use tonic::transport::server::TcpConnectInfo;

use crate::conventions::{NETWORK_PEER_ADDRESS, NETWORK_PEER_PORT, SERVER_ADDRESS, SERVER_PORT};

/// The longest domain name and its longest part, in bytes. Spec: [RFC 1035, 2.3.4][rfc].
///
/// [rfc]: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
const MAX_HOST_BYTES: (usize, usize) = (253, 63);

/// `server.address` and `server.port`, as the caller named the server.
///
/// From `:authority`, or from `Host` where a gateway speaks HTTP/1; never from the socket, whose
/// address is that of a proxy where there is one. An invalid host name is left out.
pub(super) fn attributes<B>(request: &Request<B>) -> impl Iterator<Item = KeyValue> {
    let authority = request.uri().authority().cloned().or_else(|| {
        let host = request.headers().get(HOST)?;
        Authority::try_from(host.as_bytes()).ok()
    });
    let named = authority.filter(|authority| is_host(authority.host()));
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

/// `network.peer.address` and `network.peer.port`: the other end of the connection.
///
/// Behind proxies, this is the last proxy. A request that did not come by TCP has no peer.
pub(super) fn peer<B>(request: &Request<B>) -> impl Iterator<Item = KeyValue> {
    let info = request.extensions().get::<TcpConnectInfo>();
    let peer = info.and_then(TcpConnectInfo::remote_addr);
    let peer = peer.map(|peer| {
        let address = peer.ip().to_canonical().to_string();
        [
            KeyValue::new(NETWORK_PEER_ADDRESS, address),
            KeyValue::new(NETWORK_PEER_PORT, i64::from(peer.port())),
        ]
    });
    peer.into_iter().flatten()
}

/// An address, an IPv6 one in brackets, or a name.
fn is_host(host: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(letter);
    let mut labels = host.strip_suffix('.').unwrap_or(host).split('.');
    host.starts_with('[')
        || host.len() <= MAX_HOST_BYTES.0
            && labels.all(|label| label.len() <= MAX_HOST_BYTES.1 && is_label(label))
}
