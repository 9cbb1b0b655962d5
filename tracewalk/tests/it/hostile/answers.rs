//! A next hop whose answers are broken: what the gateway's caller gets.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::stream;
use h2::Reason;
use http_body_util::StreamBody;
use hyper::{
    HeaderMap, Request, Response,
    body::{Bytes, Frame, Incoming},
    header::HeaderValue,
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::Code;

use crate::support::{Caller, Collector, Demo, Process, command};

/// How an answer ends after its messages.
#[derive(Clone, Copy, Debug)]
enum End {
    Status(&'static str),
    NoStatus,
    Reset(Reason),
}

/// What an answer ends with, and what the caller must get.
type Ending = (&'static str, &'static [u8], End, &'static [Code]);

/// It depends on whether the headers were read before the reset came.
const EITHER: &[Code] = &[Code::Internal, Code::Unknown];
const INTERNAL: &[Code] = &[Code::Internal];
const OK: End = End::Status("0");
const BUG: End = End::Reset(Reason::INTERNAL_ERROR);
/// Nine bytes are announced, and three are there.
const CUT: &[u8] = b"\0\0\0\0\x09\x0a\x011";

const ENDINGS: [Ending; 12] = [
    (
        "above 4 MiB",
        b"\0\0\x40\0\x01",
        OK,
        &[Code::ResourceExhausted],
    ),
    ("garbage", b"\0\0\0\0\x02\xff\xff", OK, INTERNAL),
    (
        "no UTF-8",
        b"\0\0\0\0\x05\x0a\x03\x0a\x01\xff",
        OK,
        INTERNAL,
    ),
    ("a cut message", CUT, End::NoStatus, INTERNAL),
    ("a cut prefix", b"\0\0\0", End::NoStatus, INTERNAL),
    ("a status in a message", CUT, OK, INTERNAL),
    ("a bad flag", b"\x07\0\0\0\0", OK, INTERNAL),
    (
        "compressed without an encoding",
        b"\x01\0\0\0\0",
        OK,
        INTERNAL,
    ),
    ("no status", b"", End::NoStatus, &[Code::Unknown]),
    ("a reset for a bug", b"", BUG, INTERNAL),
    (
        "a reset without an error",
        b"",
        End::Reset(Reason::NO_ERROR),
        EITHER,
    ),
    (
        "details that are no base64",
        b"",
        End::Status("5"),
        &[Code::NotFound],
    ),
];

/// A hop that answers as it is told; gone when dropped.
struct Broken {
    address: SocketAddr,
    /// `None` answers as it should.
    ending: Arc<Mutex<Option<Ending>>>,
    server: JoinHandle<()>,
}

impl Broken {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        let ending = Arc::new(Mutex::new(None));
        let told = Arc::clone(&ending);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = Arc::clone(&told);
                let service = service_fn(move |request| {
                    let ending = *told.lock().expect("nothing panics with this lock");
                    std::future::ready(Ok::<_, Infallible>(answer(&request, ending)))
                });
                let connection = http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self {
            address,
            ending,
            server,
        }
    }

    fn answer(&self, ending: Option<Ending>) {
        *self.ending.lock().expect("nothing panics with this lock") = ending;
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Body = StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, h2::Error>>>>;

/// One good message, and then what it is told.
fn answer(request: &Request<Incoming>, ending: Option<Ending>) -> Response<Body> {
    let path = request.uri().path();
    let is_health = path.starts_with("/grpc.health.");
    // A user or a profile without anything in it, or the user id `1`.
    let good: &[u8] = if path.contains("/Lookup") {
        b"\0\0\0\0\x03\x0a\x011"
    } else {
        b"\0\0\0\0\x02\x0a\0"
    };
    let (bytes, end) = match ending {
        _ if is_health => (&b""[..], End::Status("12")),
        None => (good, End::Status("0")),
        Some((_, bytes, end, _)) => (bytes, end),
    };
    let is_stream = path.contains("/Watch") || path.contains("/Lookup");
    let first = (is_stream && ending.is_some()).then(|| Bytes::from_static(good));
    let last = Some(Bytes::from_static(bytes)).filter(|bytes| !bytes.is_empty());
    let messages = first.into_iter().chain(last);
    let mut frames: Vec<_> = messages.map(|bytes| Ok(Frame::data(bytes))).collect();
    match end {
        End::NoStatus => {}
        End::Reset(reason) => frames.push(Err(reason.into())),
        End::Status(code) => {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static(code));
            if code == "5" {
                let details = HeaderValue::from_static("no base64!");
                trailers.insert("grpc-status-details-bin", details);
            }
            frames.push(Ok(Frame::trailers(trailers)));
        }
    }
    Response::builder()
        .header("content-type", "application/grpc")
        .body(StreamBody::new(stream::iter(frames)))
        .expect("a well-formed answer")
}

/// Breaks each kind of call in each way. The breaker sees more good calls than broken ones.
async fn break_all(broken: &Broken, caller: &mut Caller, hop: &str) {
    for (index, ending) in ENDINGS.into_iter().enumerate() {
        for kind in ["get", "create", "watch", "import", "lookup"] {
            broken.answer(None);
            for _ in 0..3 {
                assert_eq!(caller.get("1").await.code, Code::Ok, "{hop}: a good call");
            }
            broken.answer(Some(ending));
            let email = format!("{kind}-{index}@example.com");
            let seen = match kind {
                "get" => caller.get("1").await,
                "create" => caller.create(&email).await,
                "watch" => caller.watch("1", 3).await,
                "import" => caller.import(&[&email]).await,
                _ => caller.lookup(&["1", "2"]).await,
            };
            let (what, _, _, mut expected) = ending;
            if hop == "profile" && kind == "get" && expected == [Code::NotFound] {
                // A user whose profile was never written.
                expected = &[Code::Ok];
            }
            let code = seen.code;
            assert!(expected.contains(&code), "{hop}: {kind}: {what}: {code:?}");
        }
    }
}

#[tokio::test]
async fn a_broken_answer_of_the_last_hop_never_ends_as_a_good_one() {
    let broken = Broken::start().await;
    let demo = Demo::start_over(Some(broken.address), &[]).await;
    break_all(&broken, &mut demo.caller().await, "profile").await;
}

#[tokio::test]
async fn a_broken_answer_of_the_middle_hop_never_ends_as_a_good_one() {
    let broken = Broken::start().await;
    let collector = Collector::start();
    let target = format!("static:///{}", broken.address);
    let mut command = command(&["gateway", "--listen", "127.0.0.1:0", "--user", &target]);
    command
        .args([
            "--http-listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint);
    let gateway = Process::start("gateway", command);
    let mut caller = Caller::connect(gateway.address("grpc").await).await;
    break_all(&broken, &mut caller, "user").await;
}
