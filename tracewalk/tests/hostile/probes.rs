//! Calls over sound HTTP/2 that are no sound gRPC.

use h2::client::SendRequest;
use hyper::{HeaderMap, Method, Request, body::Bytes};
use tokio::net::TcpStream;

use super::watched::Watched;

/// A message for the user `1` in its frame.
const GOOD: &[u8] = b"\0\0\0\0\x03\x0a\x011";

/// A call, and its answer: the HTTP status and the gRPC status, which is empty without one.
struct Probe {
    what: &'static str,
    method: Method,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    answer: (u16, &'static str),
}

fn probe(what: &'static str, body: impl Into<Vec<u8>>, code: &'static str) -> Probe {
    Probe {
        what,
        method: Method::POST,
        headers: vec![("content-type", "application/grpc".to_owned())],
        body: body.into(),
        answer: (200, code),
    }
}

impl Probe {
    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|header| header.0 != name);
        self.headers.push((name, value.into()));
        self
    }
}

/// At fault in what stands before the messages.
fn heads() -> Vec<Probe> {
    vec![
        Probe {
            method: Method::GET,
            answer: (405, ""),
            ..probe("GET", GOOD, "")
        },
        Probe {
            answer: (415, ""),
            ..probe("text", GOOD, "").header("content-type", "text/plain")
        },
        probe("a timeout that is none", GOOD, "3").header("grpc-timeout", "soon"),
        probe("20 KiB of metadata", GOOD, "8").header("x-flood", "x".repeat(20 << 10)),
    ]
}

/// At fault in the messages.
fn bodies() -> Vec<Probe> {
    vec![
        probe("no message", b"", "12"),
        probe("two messages", GOOD.repeat(2), "12"),
        probe(
            "a message of 4 GiB, by its prefix",
            b"\0\xff\xff\xff\xff",
            "8",
        ),
        probe("a message of 5 MiB", five_mib(), "8"),
        probe(
            "a message that ends too early",
            b"\0\0\0\0\x09\x0a\x011",
            "13",
        ),
        probe("half a prefix", b"\0\0\0", "13"),
        probe("no protobuf", b"\0\0\0\0\x02\xff\xff", "13"),
        probe("no UTF-8", b"\0\0\0\0\x03\x0a\x01\xff", "13"),
        probe(
            "compressed without an encoding",
            b"\x01\0\0\0\x03\x0a\x011",
            "13",
        ),
        probe(
            "an encoding that nobody knows",
            b"\x01\0\0\0\x03\x0a\x011",
            "12",
        )
        .header("grpc-encoding", "snappy"),
        probe(
            "a flag that does not exist",
            b"\x07\0\0\0\x03\x0a\x011",
            "13",
        ),
    ]
}

fn five_mib() -> Vec<u8> {
    let length: u32 = 5 << 20;
    let mut message = vec![0];
    message.extend(length.to_be_bytes());
    message.resize(5 + length as usize, b'x');
    message
}

#[tokio::test]
async fn what_is_no_grpc_gets_the_code_of_the_specification_and_one_span() {
    let watched = Watched::start().await;
    let address = watched.demo.gateway.address("grpc").await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let probes = [heads(), bodies()].into_iter().flatten();
    let probes: Vec<_> = probes.collect();
    let count = probes.len();
    for probe in probes {
        let (what, expected) = (probe.what, probe.answer);
        let (status, code) = answer(&client, probe).await;
        assert_eq!((status, code.as_str()), expected, "{what}");
    }
    let spans = watched.expect_unharmed().await;
    assert_eq!(spans.len(), count, "one each");
    for fault in ["METADATA_TOO_LARGE", "MESSAGE_TOO_LARGE"] {
        let faults = spans
            .iter()
            .map(|span| span.attribute("tracewalk.wire_fault"));
        assert!(faults.into_iter().any(|it| it == fault), "{fault}");
    }
}

/// Sends it; the answer to a body that is refused may come before its end.
async fn answer(client: &SendRequest<Bytes>, probe: Probe) -> (u16, String) {
    let path = "http://gateway/tracewalk.gateway.v1.GatewayService/GetUser";
    let mut request = Request::builder().method(probe.method).uri(path);
    for (name, value) in probe.headers {
        request = request.header(name, value);
    }
    let request = request.body(()).expect("well formed");
    let mut client = client.clone().ready().await.expect("an open connection");
    let (answer, mut body) = client.send_request(request, false).expect("it is ready");
    // The server may have refused the call before it has all of it.
    let _ = body.send_data(Bytes::from(probe.body), true);
    let answer = answer.await.expect("an answer");
    let status = answer.status().as_u16();
    let code = |headers: &HeaderMap| {
        let code = headers.get("grpc-status");
        code.map(|code| code.to_str().expect("digits").to_owned())
    };
    if let Some(code) = code(answer.headers()) {
        return (status, code);
    }
    let mut body = answer.into_body();
    while let Some(data) = body.data().await {
        let length = data.expect("a whole answer").len();
        let released = body.flow_control().release_capacity(length);
        released.expect("what was received");
    }
    let trailers = body.trailers().await.expect("a whole answer");
    (status, trailers.as_ref().and_then(code).unwrap_or_default())
}
