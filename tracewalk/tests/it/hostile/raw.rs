//! HTTP/2 by the byte.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::DEADLINE;

/// What a client says first: the preface, and empty settings.
pub(crate) const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const END_HEADERS: u8 = 4;

/// A `POST` to `GetUser`: indexed method and scheme, then path, authority and content type in
/// letters.
pub(crate) fn call_headers() -> Vec<u8> {
    let mut block = b"\x83\x86".to_vec();
    let path = "/tracewalk.gateway.v1.GatewayService/GetUser";
    for (index, text) in [(4, path), (1, "gateway"), (31, "application/grpc")] {
        literal(&mut block, index, text);
    }
    block
}

/// A header whose name is in the static table, not to be remembered.
/// Spec: [RFC 7541, 6.2.2](https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2).
fn literal(block: &mut Vec<u8>, index: u8, text: &str) {
    match index.checked_sub(15) {
        None => block.push(index),
        Some(rest) => block.extend([15, rest]),
    }
    block.push(u8::try_from(text.len()).expect("a short text"));
    block.extend(text.as_bytes());
}

/// A frame: [RFC 9113, 4.1](https://www.rfc-editor.org/rfc/rfc9113#section-4.1).
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Sends bytes, and reads until the server closes; how much it said.
pub(crate) async fn until_closed(address: SocketAddr, bytes: &[u8]) -> usize {
    let stream = TcpStream::connect(address).await.expect("a listener");
    let (mut reader, mut writer) = stream.into_split();
    let bytes = bytes.to_vec();
    let sending = tokio::spawn(async move {
        // The server may close before it has read all, which is what it should do.
        let _ = writer.write_all(&bytes).await;
        writer
    });
    let mut said = Vec::new();
    // An end or a reset: both are closed.
    let closed = timeout(DEADLINE, reader.read_to_end(&mut said)).await;
    assert!(closed.is_ok(), "the connection stays open");
    sending.abort();
    said.len()
}

/// Sends bytes, reads the answers for a while, and leaves.
pub(crate) async fn send(address: SocketAddr, bytes: &[u8]) {
    let stream = TcpStream::connect(address).await.expect("a listener");
    let (mut reader, mut writer) = stream.into_split();
    let mut said = Vec::new();
    // It may end at any point: what counts is how the others do meanwhile.
    let exchange = async { tokio::join!(writer.write_all(bytes), reader.read_to_end(&mut said)) };
    let _ = timeout(Duration::from_secs(1), exchange).await;
}
