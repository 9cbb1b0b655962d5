//! Calls that leave samples, and the page that shows them.

use std::time::Duration;

use http::Request;
use tonic::{Code, body::Body};
use tonic_telemetry::metrics::Registry;
use tower::{Layer as _, ServiceExt as _};

use super::{Fixture, script::Script};

/// What a scraper sends that prefers OpenMetrics.
pub const OPENMETRICS: Option<&str> = Some("application/openmetrics-text; version=1.0.0");

/// A call to the server that takes this long.
pub async fn say(fixture: &Fixture, milliseconds: u64) {
    let script = Script {
        wait: Duration::from_millis(milliseconds),
        ..Script::answers(Code::Ok)
    };
    let request = Request::builder()
        .uri("/test.v1.Echo/Say")
        .header("content-type", "application/grpc");
    let request = request.body(Body::empty()).expect("a valid request");
    let server = fixture.server_layer().layer(script.service());
    server.oneshot(request).await.expect("the script answers");
}

/// The page for a scraper that accepts this.
pub fn page(registry: &Registry, accept: Option<&str>) -> String {
    let (_, page) = registry.encode(accept);
    String::from_utf8(page).expect("a page is text")
}
