//! Any text as a query, an answer of which is one that the query API has.

#![no_main]

use axum::{body::Body, http::Request};
use backends::metrics::{Prometheus, SampleLimits, router};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower::ServiceExt as _;

fuzz_target!(|query: &str| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    let request = Request::get(format!("/api/v1/query?timeout=1s&query={query}"));
    let Ok(request) = request.body(Body::empty()) else {
        return; // Longer than a path may be.
    };
    let router = router(Prometheus::new(SampleLimits::default()));
    let answer = runtime.block_on(router.oneshot(request)).expect("infallible");
    let status = answer.status().as_u16();
    assert!([200, 400, 422, 503].contains(&status), "{status}");
});
