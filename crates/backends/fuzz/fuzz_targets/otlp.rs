//! Any bytes as a file of OTLP JSON that is shown: a trace, or what is wrong with it.

#![no_main]

use axum::{body::Body, http::Request};
use backends::{TraceStore, traces::jaeger::router};
use libfuzzer_sys::fuzz_target;
use tower::ServiceExt as _;

fuzz_target!(|file: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let request = Request::post("/api/transform")
        .body(Body::from(file.to_vec()))
        .expect("a request");
    let answer = runtime.block_on(router(TraceStore::default(), None).oneshot(request));
    let status = answer.expect("infallible").status().as_u16();
    assert!([200, 400].contains(&status), "{status}");
});
