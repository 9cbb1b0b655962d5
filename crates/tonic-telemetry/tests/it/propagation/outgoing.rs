//! What goes to the next hop.

use http::{HeaderMap, Request, Response};
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use rstest::rstest;
use tonic::{Status, body::Body};
use tower::{Layer as _, Service as _, service_fn};

use super::{SAMPLED, SPAN, TRACE, say};
use crate::support::Fixture;

pub(super) fn span(flags: TraceFlags) -> SpanContext {
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
