//! The trace of a caller, continued or not.

use std::sync::{Arc, Mutex};

use http::Request;
use opentelemetry::{
    Context,
    baggage::BaggageExt as _,
    trace::{SpanId, TraceContextExt as _, TraceFlags},
};
use rstest::rstest;
use tonic::{Code, Status, body::Body};
use tonic_telemetry::propagation::{BaggagePropagator, Trust};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::{SAMPLED, SPAN, TRACE, UNSAMPLED, outgoing::span, say};
use crate::support::{Fixture, script::Script};

#[tokio::test]
async fn a_call_continues_the_trace_of_its_caller() {
    let fixture = Fixture::new();
    let server = fixture
        .server_layer()
        .layer(Script::answers(Code::Ok).service());

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
    let server = fixture
        .server_layer()
        .layer(Script::answers(Code::Ok).service());
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

#[tokio::test]
async fn a_handler_reads_the_baggage_that_is_let_through() {
    let fixture = Fixture::new();
    let propagator = Arc::new(BaggagePropagator::new(["tenant"]));
    let read = Arc::new(Mutex::new(None));
    let handler = {
        let read = Arc::clone(&read);
        service_fn(move |_: Request<Body>| {
            let tenant = |it: &Context| it.baggage().get("tenant").map(ToString::to_string);
            let plan = |it: &Context| it.baggage().get("plan").map(ToString::to_string);
            *read.lock().unwrap() = Context::map_current(|it| Some((tenant(it), plan(it))));
            async { Ok::<_, Status>(Status::ok("").into_http::<Body>()) }
        })
    };
    let server = fixture.server_layer().propagator(propagator).layer(handler);

    server
        .oneshot(say(&[("baggage", "tenant=blue,plan=gold")]))
        .await
        .unwrap();

    let read = read.lock().unwrap().take();
    assert_eq!(read, Some((Some("blue".to_owned()), None)));
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
    let server = layer.layer(Script::answers(Code::Ok).service());

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
    let server = fixture
        .server_layer()
        .layer(Script::answers(Code::Ok).service());

    server
        .oneshot(say(&[("traceparent", UNSAMPLED)]))
        .await
        .unwrap();

    assert_eq!(fixture.spans().len(), 0);
    assert_eq!(fixture.samples(crate::support::SERVER_DURATION)["OK"].0, 1);
}
