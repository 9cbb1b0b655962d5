use std::{cell::RefCell, net::IpAddr, sync::Arc};

use http::{Request, header::HOST, uri::Authority};
use opentelemetry::KeyValue;
use tonic::transport::server::TcpConnectInfo;

use crate::conventions::{NETWORK_PEER_ADDRESS, NETWORK_PEER_PORT, SERVER_ADDRESS, SERVER_PORT};

/// The longest domain name and its longest part, in bytes. Spec: [RFC 1035, 2.3.4][rfc].
///
/// [rfc]: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
const MAX_HOST_BYTES: (usize, usize) = (253, 63);

thread_local! {
    /// What the last call on this thread named: most calls name the same server.
    static SERVER: RefCell<Option<(Authority, Vec<KeyValue>)>> = const { RefCell::new(None) };
    /// The last peer, and its text.
    static PEER: RefCell<Option<(IpAddr, Arc<str>)>> = const { RefCell::new(None) };
}

/// Adds `server.address` and `server.port`, as the caller named the server.
///
/// From `:authority`, or from `Host` where a gateway speaks HTTP/1; never from the socket, whose
/// address is that of a proxy where there is one. An invalid host name is left out.
pub(super) fn add_server<B>(attributes: &mut Vec<KeyValue>, request: &Request<B>) {
    let authority = request.uri().authority().cloned().or_else(|| {
        let host = request.headers().get(HOST)?;
        Authority::try_from(host.as_bytes()).ok()
    });
    let Some(authority) = authority else { return };
    SERVER.with_borrow_mut(|last| {
        let same = last
            .as_ref()
            .filter(|last| last.0.as_str() == authority.as_str());
        if same.is_none() {
            let server = server(&authority);
            *last = Some((authority, server));
        }
        attributes.extend(last.iter().flat_map(|last| last.1.iter().cloned()));
    });
}

fn server(authority: &Authority) -> Vec<KeyValue> {
    let host = authority.host();
    if !is_host(host) {
        return Vec::new();
    }
    // An IPv6 address stands in brackets in a URI only.
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let address = Arc::<str>::from(bare.unwrap_or(host));
    let port = authority.port_u16();
    let port = port.map(|port| KeyValue::new(SERVER_PORT, i64::from(port)));
    let address = KeyValue::new(SERVER_ADDRESS, address);
    [address].into_iter().chain(port).collect()
}

/// `network.peer.address` and `network.peer.port`: the other end of the connection.
///
/// Behind proxies, this is the last proxy. A request that did not come by TCP has no peer.
pub(super) fn peer<B>(request: &Request<B>) -> impl Iterator<Item = KeyValue> {
    let info = request.extensions().get::<TcpConnectInfo>();
    let peer = info.and_then(TcpConnectInfo::remote_addr);
    let peer = peer.map(|peer| {
        [
            KeyValue::new(NETWORK_PEER_ADDRESS, text_of(peer.ip().to_canonical())),
            KeyValue::new(NETWORK_PEER_PORT, i64::from(peer.port())),
        ]
    });
    peer.into_iter().flatten()
}

fn text_of(address: IpAddr) -> Arc<str> {
    PEER.with_borrow_mut(|last| match last {
        Some((ip, text)) if *ip == address => Arc::clone(text),
        last => {
            let text = Arc::<str>::from(address.to_string());
            *last = Some((address, Arc::clone(&text)));
            text
        }
    })
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
