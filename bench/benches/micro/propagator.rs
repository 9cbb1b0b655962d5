//! The context of a trace, in and out of headers.

use std::hint::black_box;

use criterion::Criterion;
use opentelemetry::{Context, propagation::TextMapPropagator as _};
use tonic::codegen::http::{HeaderMap, HeaderValue};
use tonic_telemetry::propagation::{BaggagePropagator, Headers, HeadersMut, W3cPropagator};

pub(crate) fn headers(criterion: &mut Criterion) {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
        ),
        ("tracestate", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
        ("baggage", "tenant=blue,session=4711"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let context = W3cPropagator::default();
    let baggage = BaggagePropagator::new(["tenant"]);
    let mut group = criterion.benchmark_group("propagator");
    group.bench_function("trace context, extract", |bencher| {
        bencher.iter(|| context.extract(&Headers(black_box(&headers))));
    });
    group.bench_function("baggage, extract", |bencher| {
        bencher.iter(|| baggage.extract(&Headers(black_box(&headers))));
    });
    let cx = context.extract(&Headers(&headers));
    let cx: Context = baggage.extract_with_context(&cx, &Headers(&headers));
    group.bench_function("trace context, inject", |bencher| {
        bencher.iter(|| {
            let mut sent = HeaderMap::new();
            context.inject_context(black_box(&cx), &mut HeadersMut(&mut sent));
            sent
        });
    });
    group.bench_function("baggage, inject", |bencher| {
        bencher.iter(|| {
            let mut sent = HeaderMap::new();
            baggage.inject_context(black_box(&cx), &mut HeadersMut(&mut sent));
            sent
        });
    });
}
