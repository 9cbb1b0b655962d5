//! How a trace goes in and out of a service, sampled or not, and how the caller learns its id.

use crate::support::{
    Fixture,
    script::{Head, Script, grpc_status},
};
use http::{HeaderMap, Request, Response, StatusCode};
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use rstest::rstest;
use tonic::{Code, Status, body::Body};
use tonic_telemetry::{LogFormat, Options, current_trace_id, propagation::Trust};
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn say(headers: &[(&'static str, &'static str)]) -> Request<Body> {
    let mut request = Request::builder()
        .uri("/test.v1.Echo/Say")
        .header("content-type", "application/grpc");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).expect("a valid request")
}

fn answers(code: Code) -> Script {
    Script {
        wait: std::time::Duration::ZERO,
        head: Head::Answer(StatusCode::OK, grpc_status(code, "")),
        body: Vec::new(),
    }
}

fn span(flags: TraceFlags) -> SpanContext {
    SpanContext::new(
        TraceId::from_hex(TRACE).expect("valid"),
        SpanId::from_hex(SPAN).expect("valid"),
        flags,
        false,
        TraceState::default(),
    )
}

/// The headers that a client sends while this span is active.
fn sent(fixture: &Fixture, active: SpanContext, request: Request<Body>) -> HeaderMap {
    let (sender, receiver) = std::sync::mpsc::channel();
    let wire = service_fn(move |request: Request<Body>| {
        let headers = request.headers().clone();
        sender.send(headers).expect("the test receives it");
        std::future::ready(Ok::<_, Status>(Response::new(Body::empty())))
    });
    let _active = Context::new().with_remote_span_context(active).attach();
    drop(fixture.client_layer().layer(wire).call(request));
    receiver.recv().expect("the request was sent")
}

#[tokio::test]
async fn a_call_continues_the_trace_of_its_caller() {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(answers(Code::Ok).service());

    server
        .oneshot(say(&[("traceparent", SAMPLED)]))
        .await
        .unwrap();

    let span = fixture.only_span();
    assert_eq!(span.span_context.trace_id().to_string(), TRACE);
    assert_eq!(span.parent_span_id.to_string(), SPAN);
    assert!(span.parent_span_is_remote);
}

#[tokio::test]
async fn a_call_without_a_valid_caller_begins_a_trace() {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(answers(Code::Ok).service());
    // Active by accident, for example because one process calls itself.
    let _active = Context::new()
        .with_remote_span_context(span(TraceFlags::SAMPLED))
        .attach();

    server
        .oneshot(say(&[("traceparent", "00-nonsense")]))
        .await
        .unwrap();

    let span = fixture.only_span();
    assert_ne!(span.span_context.trace_id().to_string(), TRACE);
    assert_eq!(span.parent_span_id, SpanId::INVALID);
}

#[rstest]
#[case::restart(Trust::Restart, 0)]
#[case::link(Trust::Link, 1)]
#[tokio::test]
async fn a_caller_who_is_not_trusted_chooses_neither_id_nor_sampling(
    #[case] trust: Trust,
    #[case] links: usize,
) {
    let fixture = Fixture::new();
    let layer = fixture.server_layer().trust(trust);
    let server = layer.layer(answers(Code::Ok).service());

    server
        .oneshot(say(&[("traceparent", UNSAMPLED)]))
        .await
        .unwrap();

    let span = fixture.only_span();
    assert_ne!(span.span_context.trace_id().to_string(), TRACE);
    assert_eq!(span.parent_span_id, SpanId::INVALID);
    let linked = span
        .links
        .iter()
        .map(|link| link.span_context.trace_id().to_string());
    assert_eq!(linked.collect::<Vec<_>>(), vec![TRACE; links]);
}

#[tokio::test]
async fn an_unsampled_call_makes_no_span_but_a_sample() {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(answers(Code::Ok).service());

    server
        .oneshot(say(&[("traceparent", UNSAMPLED)]))
        .await
        .unwrap();

    assert_eq!(fixture.spans().len(), 0);
    assert_eq!(fixture.samples(crate::support::SERVER_DURATION)["OK"].0, 1);
}

#[rstest]
#[case::sampled(TraceFlags::SAMPLED, true)]
#[case::unsampled(TraceFlags::NOT_SAMPLED, false)]
#[tokio::test]
async fn a_client_sends_the_context_of_its_own_span(
    #[case] flags: TraceFlags,
    #[case] sampled: bool,
) {
    let fixture = Fixture::new();

    let headers = sent(&fixture, span(flags), say(&[]));

    let sent = headers["traceparent"].to_str().unwrap();
    assert_eq!(&sent[3..35], TRACE);
    assert_ne!(&sent[36..52], SPAN, "the id of the CLIENT span");
    let flags = u8::from_str_radix(&sent[53..], 16).unwrap();
    assert_eq!(flags & 1 == 1, sampled, "{sent}");
}

#[tokio::test]
async fn headers_that_a_handler_passed_on_do_not_go_out() {
    let fixture = Fixture::new();
    let stale = [
        (
            "traceparent",
            "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01",
        ),
        ("tracestate", "old=1"),
    ];

    let headers = sent(&fixture, span(TraceFlags::SAMPLED), say(&stale));

    assert_eq!(headers.get_all("traceparent").iter().count(), 1);
    assert_eq!(&headers["traceparent"].to_str().unwrap()[3..35], TRACE);
    assert!(!headers.contains_key("tracestate"));
}

#[tokio::test]
async fn a_call_after_the_shutdown_passes_its_parent_on_and_is_measured() {
    let fixture = Fixture::new();
    fixture.provider.shutdown().unwrap();

    let headers = sent(&fixture, span(TraceFlags::SAMPLED), say(&[]));

    let passed_on = headers["traceparent"].to_str().unwrap();
    assert_eq!(&passed_on[..52], &SAMPLED[..52]);
    assert_eq!(
        fixture.samples(crate::support::CLIENT_DURATION)["CANCELLED"].0,
        1
    );
}

#[rstest]
#[case::ok(Code::Ok, SAMPLED, "01")]
#[case::error(Code::NotFound, SAMPLED, "01")]
#[case::unsampled(Code::Ok, UNSAMPLED, "00")]
#[tokio::test]
async fn the_caller_is_told_the_trace_id(
    #[case] code: Code,
    #[case] traceparent: &'static str,
    #[case] flags: &str,
) {
    let fixture = Fixture::new();
    let layer = fixture.server_layer().announce_trace_id();
    let server = layer.layer(answers(code).service());

    let request = say(&[("traceparent", traceparent)]);
    let answer = server.oneshot(request).await.unwrap();

    assert_eq!(answer.headers()["x-trace-id"], TRACE);
    let traceresponse = answer.headers()["traceresponse"].to_str().unwrap();
    let parts: Vec<_> = traceresponse.split('-').collect();
    assert_eq!([parts[0], parts[1], parts[3]], ["00", TRACE, flags]);
    assert_ne!(parts[2], SPAN, "the id of the SERVER span");
    for span in fixture.spans() {
        assert_eq!(parts[2], span.span_context.span_id().to_string());
    }
}

#[tokio::test]
async fn the_caller_is_told_nothing_unless_the_service_wishes_so() {
    let fixture = Fixture::new();
    let server = fixture.server_layer().layer(answers(Code::Ok).service());

    let answer = server.oneshot(say(&[])).await.unwrap();

    assert!(!answer.headers().contains_key("x-trace-id"));
    assert!(!answer.headers().contains_key("traceresponse"));
}

#[rstest]
#[case::caller(&[("traceparent", SAMPLED)], Some(TRACE))]
#[case::no_caller(&[], None)]
#[tokio::test]
async fn without_spans_a_handler_has_the_trace_id_of_the_caller_alone(
    #[case] headers: &[(&'static str, &'static str)],
    #[case] expected: Option<&'static str>,
) {
    let telemetry = Options::new("test")
        .log_format(LogFormat::Off)
        .variables(|name| (name == "OTEL_TRACES_EXPORTER").then(|| "none".to_owned()))
        .start()
        .expect("telemetry starts");
    let methods = Fixture::new().methods;
    let layer = telemetry.server_layer(&methods).announce_trace_id();
    let server = layer.layer(service_fn(move |_| async move {
        assert_eq!(current_trace_id().as_deref(), expected);
        Ok::<_, Status>(Response::new(Body::empty()))
    }));

    let answer = server.oneshot(say(headers)).await.unwrap();

    assert!(
        !answer.headers().contains_key("x-trace-id"),
        "no store has it"
    );
    let (_, page) = telemetry.metrics().encode(None);
    let page = String::from_utf8(page).expect("the page is text");
    let counted = "grpc_rpc_duration_seconds_count{code=\"UNKNOWN\"";
    assert!(page.contains(counted), "{page}");
}
