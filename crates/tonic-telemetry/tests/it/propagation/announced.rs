//! How a caller learns the trace id.

use http::Response;
use rstest::rstest;
use tonic::{Code, Status, body::Body};
use tonic_telemetry::{LogFormat, Options, current_trace_id};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::{SAMPLED, SPAN, TRACE, UNSAMPLED, say};
use crate::support::{Fixture, script::Script};

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
    let server = layer.layer(Script::answers(code).service());

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
    let server = fixture
        .server_layer()
        .layer(Script::answers(Code::Ok).service());

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
