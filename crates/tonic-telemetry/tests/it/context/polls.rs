//! Where the context is active, and where not.

use std::{
    pin::Pin,
    task::{Context as Waker, Poll},
};

use http::{Request, Response};
use opentelemetry::{Context, trace::TraceContextExt as _};
use tonic::{Status, body::Body};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::request;
use crate::support::{Fixture, script::read};

/// A body that is polled where a span is active, or else fails the test.
struct Probe;

impl http_body::Body for Probe {
    type Data = bytes::Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        _cx: &mut Waker<'_>,
    ) -> Poll<Option<Result<http_body::Frame<bytes::Bytes>, Status>>> {
        assert!(has_span(), "in a poll of a body");
        Poll::Ready(None)
    }
}

#[tokio::test]
async fn the_context_is_active_in_a_poll_and_never_after_it() {
    let fixture = Fixture::new();
    let (sender, receiver) = std::sync::mpsc::channel();
    let handler = service_fn(move |request: Request<Body>| {
        assert!(has_span(), "in the call");
        // Read after the handler is done, as by a task that it started.
        sender
            .send(request.into_body())
            .expect("the test receives it");
        async {
            assert!(has_span(), "in the future");
            Ok::<_, Status>(Response::new(Probe))
        }
    });
    let server = fixture.server_layer().layer(handler);

    let response = server.oneshot(request().map(|_empty| Probe)).await.unwrap();
    assert!(!has_span(), "after the future");
    read(response.into_body()).await.unwrap();
    assert!(!has_span(), "after the answer");
    read(receiver.recv().unwrap()).await.unwrap();
    assert!(!has_span(), "after the request");
}

fn has_span() -> bool {
    Context::current().has_active_span()
}
