use opentelemetry::Context;
use opentelemetry::trace::{
    Span, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
    TracerProvider,
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use rstest::rstest;

use super::super::choose;
use crate::env::Variables;

/// The context of a caller in another process.
fn caller(flags: TraceFlags) -> Context {
    let span = SpanContext::new(
        TraceId::from(1),
        SpanId::from(1),
        flags,
        true,
        TraceState::NONE,
    );
    Context::new().with_remote_span_context(span)
}

#[rstest]
#[case("", "", [true, false, true], "the default follows the caller")]
#[case("always_on", "", [true, true, true], "everything, whoever calls")]
#[case("always_off", "", [false, false, false], "nothing, whoever calls")]
#[case("traceidratio", "1", [true, true, true], "all of them")]
#[case("traceidratio", "0", [false, false, false], "none of them")]
#[case("parentbased_always_on", "", [true, false, true], "follows, and begins")]
#[case("parentbased_always_off", "", [false, false, true], "follows, and never begins")]
#[case("parentbased_traceidratio", "1", [true, false, true], "follows, and begins all")]
#[case("parentbased_traceidratio", "0", [false, false, true], "follows, and begins none")]
fn each_sampler_does_what_the_specification_says(
    #[case] name: &str,
    #[case] argument: &str,
    #[case] expected: [bool; 3],
    #[case] reason: &str,
) {
    let variables = Variables::of(&[
        ("OTEL_TRACES_SAMPLER", name),
        ("OTEL_TRACES_SAMPLER_ARG", argument),
    ]);
    let sampler = choose("user", &variables).expect("the variables are understood");
    let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
    let tracer = provider.tracer("test");
    let callers = [
        Context::new(),
        caller(TraceFlags::NOT_SAMPLED),
        caller(TraceFlags::SAMPLED),
    ];
    let sampled = callers.map(|cx| {
        let span = tracer.start_with_context("GetUser", &cx);
        // A trace that is not sampled has an id to send on, too.
        assert!(
            span.span_context().trace_id() != TraceId::INVALID,
            "{reason}"
        );
        span.span_context().is_sampled()
    });
    assert_eq!(sampled, expected, "{name}: {reason}");
}
