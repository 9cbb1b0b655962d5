//! Whatever runs for a call runs in the context of its span, on whichever thread and at whichever
//! time: spans made there are its children.

mod children;
mod drops;
mod polls;

use http::Request;
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::SpanData;
use tonic::body::Body;

use crate::support::Fixture;

fn request() -> Request<Body> {
    Request::builder()
        .header("content-type", "application/grpc")
        .uri("/test.v1.Echo/Chat")
        .body(Body::empty())
        .expect("the URI is valid")
}

async fn assert_children(fixture: &Fixture, parent: SpanKind, number: usize) {
    let parent = fixture.wait_for(parent, 1).await.remove(0);
    let children = fixture.wait_for(SpanKind::Internal, number).await;
    assert_eq!(children.len(), number);
    for child in children {
        assert_child(&child, &parent);
    }
}

fn assert_child(child: &SpanData, parent: &SpanData) {
    assert_eq!(child.parent_span_id, parent.span_context.span_id());
    assert_eq!(
        child.span_context.trace_id(),
        parent.span_context.trace_id()
    );
}
