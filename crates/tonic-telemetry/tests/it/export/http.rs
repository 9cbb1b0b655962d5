//! Spans by OTLP/HTTP: the exporter of `opentelemetry-otlp`, and a ledger as exact as by gRPC.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use tonic_telemetry::Telemetry;

use super::steps::{end_spans, lose, options, shut_down, until};

/// What a collector answers, first to last; then it takes everything.
type Answers = Arc<Mutex<Vec<Response>>>;

#[derive(Clone, Default)]
struct Collector {
    answers: Answers,
    requests: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Collector {
    async fn start(answers: impl IntoIterator<Item = Response>) -> (Self, SocketAddr) {
        let collector = Self::default();
        *collector.answers.lock().expect("nothing panics") = answers.into_iter().collect();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let routes = Router::new().route("/v1/traces", post(export));
        let server = axum::serve(listener, routes.with_state(collector.clone()));
        tokio::spawn(server.into_future());
        (collector, address)
    }

    fn requests(&self) -> Vec<(HeaderMap, Bytes)> {
        self.requests.lock().expect("nothing panics").clone()
    }
}

async fn export(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> Response {
    let mut requests = collector.requests.lock().expect("nothing panics");
    requests.push((headers, body));
    let mut answers = collector.answers.lock().expect("nothing panics");
    if answers.is_empty() {
        StatusCode::OK.into_response()
    } else {
        answers.remove(0)
    }
}

fn telemetry(address: SocketAddr, variables: &[(&'static str, &'static str)]) -> Telemetry {
    let http = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    let variables: Vec<_> = variables.iter().copied().chain([http]).collect();
    let telemetry = options(address, &variables).start();
    telemetry.expect("the variables are understood")
}

#[tokio::test]
async fn spans_arrive_below_the_path_of_their_signal() {
    let (collector, address) = Collector::start([]).await;
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b");
    let telemetry = telemetry(address, &[headers]);
    end_spans(&telemetry, 10);
    assert_eq!(shut_down(telemetry).await.exported, 10);
    let mut spans = 0;
    for (headers, body) in collector.requests() {
        assert_eq!(headers[header::CONTENT_TYPE], "application/x-protobuf");
        assert_eq!(headers["x-key"], "a b");
        let request = ExportTraceServiceRequest::decode(body).expect("a request of OTLP");
        let scopes = request
            .resource_spans
            .into_iter()
            .flat_map(|it| it.scope_spans);
        spans += scopes.map(|scope| scope.spans.len()).sum::<usize>();
    }
    assert_eq!(spans, 10);
}

#[tokio::test]
async fn requests_are_compressed_where_it_is_asked_for() {
    let (collector, address) = Collector::start([]).await;
    let telemetry = telemetry(address, &[("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")]);
    end_spans(&telemetry, 10);
    shut_down(telemetry).await;
    for (headers, body) in collector.requests() {
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        assert!(body.starts_with(&[0x1f, 0x8b]), "{body:?}");
    }
}

#[tokio::test]
async fn throttling_collector_is_left_alone_and_gets_every_span() {
    let throttled = |status: StatusCode| (status, [(header::RETRY_AFTER, "1")]).into_response();
    let (collector, address) = Collector::start([
        throttled(StatusCode::TOO_MANY_REQUESTS),
        throttled(StatusCode::SERVICE_UNAVAILABLE),
        StatusCode::BAD_GATEWAY.into_response(),
    ])
    .await;
    let begin = Instant::now();
    let telemetry = telemetry(address, &[]);
    end_spans(&telemetry, 10);
    let ledger = until(&telemetry, |ledger| ledger.queued == 0).await;
    assert_eq!((ledger.exported, ledger.lost()), (10, 0), "{ledger}");
    assert!(begin.elapsed() >= Duration::from_secs(2), "{begin:?}");
    assert!(collector.requests().len() >= 4);
    shut_down(telemetry).await;
}

#[tokio::test]
async fn what_is_refused_or_rejected_counts_as_failed() {
    let partial = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: 3,
            error_message: "too old".to_owned(),
        }),
    };
    let (_, address) = Collector::start([
        StatusCode::BAD_REQUEST.into_response(),
        partial.encode_to_vec().into_response(),
    ])
    .await;
    let telemetry = telemetry(address, &[("OTEL_BSP_SCHEDULE_DELAY", "3600000")]);
    end_spans(&telemetry, 512);
    until(&telemetry, |ledger| ledger.failed_total() == 512).await;
    end_spans(&telemetry, 512);
    let ledger = until(&telemetry, |ledger| ledger.queued == 0).await;
    assert_eq!((ledger.exported, ledger.failed_total()), (509, 515));
    assert_eq!((ledger.failed["400"], ledger.failed["rejected"]), (512, 3));
    shut_down(telemetry).await;
}

#[tokio::test]
async fn collector_that_is_not_there_is_asked_again() {
    // Bound and not listened on: nobody else can take the port.
    let closed = tokio::net::TcpSocket::new_v4().expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    closed.bind(any).expect("a free port");
    let address = closed.local_addr().expect("the socket is bound");
    let telemetry = telemetry(address, &[]);
    end_spans(&telemetry, 10);
    let ledger = lose(telemetry, Duration::from_secs(10), 10).await;
    assert_eq!(ledger.dropped["shutdown"], 10);
}
