//! Every way a call can end, for each kind of call and each side: one span and one sample, with
//! the same two times, the same code, and the error rules of that side.

use std::time::Duration;

use crate::support::{
    CLIENT_DURATION, Fixture, SERVER_DURATION, attribute,
    script::{Head, Script, Step, grpc_status, message, read},
};
use bytes::Bytes;
use grpc_wire::Side::{self, Client, Server};
use grpc_wire::{code_name, is_error};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use opentelemetry::trace::{SpanKind, Status as SpanStatus};
use rstest::rstest;
use tokio::{task::JoinError, time::timeout};
use tonic::{Code, Status};
use tower::{Layer as _, Service, ServiceExt as _};

/// When the headers of an answer come.
const HEADERS: Duration = Duration::from_millis(100);
/// How long a body takes after them.
const STREAM: Duration = Duration::from_millis(50);
/// When an answer with a body is complete.
const END: Duration = Duration::from_millis(150);
/// When the caller leaves, if it leaves.
const LEAVES: Duration = Duration::from_millis(400);

const NO_STATUS: &str = "the answer ended without a grpc-status";
const DROPPED: &str = "the call was dropped before its end";
const PANICKED: &str = "the handler panicked";

/// What the peer does, and what is to be recorded of it.
#[derive(Clone, Debug)]
struct Ending {
    script: Script,
    code: Code,
    message: &'static str,
    after: Duration,
}

impl Script {
    fn ends(self, after: Duration, code: Code, message: &'static str) -> Ending {
        Ending {
            script: self,
            code,
            message,
            after,
        }
    }
}

fn begins(head: Head, body: impl Into<Vec<Step>>) -> Script {
    Script {
        wait: HEADERS,
        head,
        body: body.into(),
    }
}

fn answers(body: impl Into<Vec<Step>>) -> Script {
    begins(Head::Answer(StatusCode::OK, HeaderMap::new()), body)
}

/// An answer with one message, and this at its end.
fn streams(last: Step) -> Script {
    answers([Step::Data(message(9)), Step::Wait(STREAM), last])
}

fn trailers(code: Code, message: &'static str) -> Script {
    streams(Step::Trailers(grpc_status(code, message)))
}

fn headers_only(code: Code, message: &'static str) -> Script {
    begins(Head::Answer(StatusCode::OK, grpc_status(code, message)), [])
}

fn http_only(status: StatusCode) -> Script {
    begins(Head::Answer(status, HeaderMap::new()), [])
}

#[rstest]
#[case::ok(trailers(Code::Ok, "").ends(END, Code::Ok, ""))]
#[case::ok_in_headers(headers_only(Code::Ok, "").ends(HEADERS, Code::Ok, ""))]
#[case::error_in_headers(
    headers_only(Code::Unavailable, "no%20room").ends(HEADERS, Code::Unavailable, "no room")
)]
#[case::callers_error_in_headers(
    headers_only(Code::NotFound, "who").ends(HEADERS, Code::NotFound, "who")
)]
#[case::error_in_trailers(trailers(Code::Internal, "oh").ends(END, Code::Internal, "oh"))]
#[case::callers_error_in_trailers(
    trailers(Code::OutOfRange, "far").ends(END, Code::OutOfRange, "far")
)]
#[case::error_mid_stream(
    streams(Step::Fail(Code::DataLoss)).ends(END, Code::DataLoss, "the stream broke")
)]
#[case::end_without_trailers(
    streams(Step::Data(message(1))).ends(END, Code::Unknown, NO_STATUS)
)]
#[case::trailers_without_status(
    streams(Step::Trailers(HeaderMap::new())).ends(END, Code::Unknown, NO_STATUS)
)]
#[case::empty_answer(answers([]).ends(HEADERS, Code::Unknown, NO_STATUS))]
#[case::proxy_error(
    http_only(StatusCode::BAD_GATEWAY).ends(HEADERS, Code::Unavailable, NO_STATUS)
)]
#[case::transport_error(
    begins(Head::Fail(Code::Aborted), [])
        .ends(HEADERS, Code::Aborted, "the transport failed")
)]
#[case::dropped_early(begins(Head::Hang, []).ends(LEAVES, Code::Cancelled, DROPPED))]
#[case::dropped_mid_stream(streams(Step::Hang).ends(LEAVES, Code::Cancelled, DROPPED))]
#[case::panic_in_the_handler(begins(Head::Panic, []).ends(HEADERS, Code::Internal, PANICKED))]
#[case::panic_mid_stream(streams(Step::Panic).ends(END, Code::Internal, PANICKED))]
#[tokio::test(start_paused = true)]
async fn a_call_ends_once_as_its_caller_sees_it(
    #[values(Server, Client)] side: Side,
    #[values("Say", "Watch", "Upload", "Chat")] method: &str,
    #[case] ending: Ending,
) {
    let fixture = Fixture::new();
    let played = play(&fixture, side, method, ending.script.clone()).await;

    let panicked = played.is_err_and(|error| error.is_panic());
    assert_eq!(panicked, ending.message == PANICKED, "a panic is passed on");
    assert_span(&fixture, side, method, &ending);
    assert_sample(&fixture, side, &ending);
}

/// Calls through the layer of one side, and reads the answer until the caller leaves.
async fn play(
    fixture: &Fixture,
    side: Side,
    method: &str,
    script: Script,
) -> Result<(), JoinError> {
    let request = Request::builder()
        .header("content-type", "application/grpc")
        .uri(format!("http://echo.test:50052/test.v1.Echo/{method}"))
        .body(tonic::body::Body::empty())
        .expect("the URI is valid");
    // A task, so that a panic ends it and not the test.
    match side {
        Server => {
            let service = fixture.server_layer().layer(script.service());
            tokio::spawn(timeout(LEAVES, call(service, request)))
        }
        Client => {
            let service = fixture.client_layer().layer(script.service());
            tokio::spawn(timeout(LEAVES, call(service, request)))
        }
    }
    .await
    .map(drop)
}

async fn call<S, Q, R>(service: S, request: Q)
where
    S: Service<Q, Response = Response<R>>,
    R: Body<Data = Bytes, Error = Status> + Unpin,
{
    if let Ok(response) = service.oneshot(request).await {
        drop(read(response.into_body()).await);
    }
}

fn assert_span(fixture: &Fixture, side: Side, method: &str, ending: &Ending) {
    let span = fixture.only_span();
    assert_eq!(span.name, format!("test.v1.Echo/{method}"));
    let kind = match side {
        Server => SpanKind::Server,
        Client => SpanKind::Client,
    };
    assert_eq!(span.span_kind, kind);
    let lasted = span.end_time.duration_since(span.start_time);
    assert_eq!(lasted.expect("time goes on"), ending.after);

    let code = code_name(ending.code);
    assert_eq!(attribute(&span, "rpc.response.status_code"), code);
    if is_error(side, ending.code) {
        assert_eq!(span.status, SpanStatus::error(ending.message));
        assert_eq!(attribute(&span, "error.type"), code);
    } else {
        assert_eq!(span.status, SpanStatus::Unset);
        assert_eq!(attribute(&span, "error.type"), "");
    }
}

fn assert_sample(fixture: &Fixture, side: Side, ending: &Ending) {
    let (own, other) = match side {
        Server => (SERVER_DURATION, CLIENT_DURATION),
        Client => (CLIENT_DURATION, SERVER_DURATION),
    };
    let sample = (1, ending.after.as_secs_f64());
    let expected = [(code_name(ending.code).to_owned(), sample)];
    assert_eq!(fixture.samples(own), expected.into());
    assert_eq!(fixture.samples(other), [].into());
}
