//! When a server ends a call.

use std::{
    convert::Infallible,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::StreamExt;
use grpc_wire::status_code;
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tonic::{Code, body::Body};
use tower::Layer;

use super::{MAXIMUM, request};
use crate::{
    server::layers::EnforceDeadlineLayer,
    testing::{PATH, call, code, handler},
};

#[tokio::test(start_paused = true)]
async fn a_slow_call_ends_just_before_its_caller_stops_waiting_and_is_cancelled() {
    struct OnDrop(Arc<AtomicBool>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let cancelled = Arc::new(AtomicBool::new(false));
    let guard = Arc::clone(&cancelled);
    let stack = EnforceDeadlineLayer::new(MAXIMUM).layer(handler(move |_| {
        let guard = OnDrop(Arc::clone(&guard));
        async move {
            let _guard = guard;
            pending().await
        }
    }));
    let start = tokio::time::Instant::now();
    let ended = code(stack, request(Some("200m"))).await;
    assert_eq!(ended, Code::DeadlineExceeded);
    assert_eq!(start.elapsed(), Duration::from_millis(190));
    assert!(cancelled.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_at_its_deadline_also_when_it_is_never_idle() {
    let stack = EnforceDeadlineLayer::new(MAXIMUM).layer(handler(|_| async {
        let frames = futures_util::stream::unfold((), |()| async {
            tokio::task::yield_now().await;
            let frame = Frame::data(Bytes::from_static(b"\0\0\0\0\0"));
            Some((Ok::<_, Infallible>(frame), ()))
        });
        Response::new(Body::new(StreamBody::new(frames.boxed())))
    }));
    let response = call(stack, request(Some("200m"))).await;
    let mut body = response.into_body();
    assert!(body.frame().await.is_some_and(|frame| frame.is_ok()));
    tokio::time::advance(Duration::from_millis(200)).await;
    let last = body.frame().await.expect("a frame").expect("no error");
    let trailers = last.into_trailers().expect("trailers");
    assert_eq!(status_code(&trailers), Some(Code::DeadlineExceeded));
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_maximum_holds_without_a_timeout_but_not_for_exempt_services() {
    let layer = EnforceDeadlineLayer::new(MAXIMUM);
    let stack = layer.clone().layer(handler(|_| pending()));
    let start = tokio::time::Instant::now();
    assert_eq!(code(stack, request(None)).await, Code::DeadlineExceeded);
    assert_eq!(start.elapsed(), MAXIMUM);

    let exempt = layer.without_maximum("tracewalk.user.v1.UserService");
    let stack = exempt.layer(handler(|_| pending()));
    let endless = code(stack, request(None));
    assert!(tokio::time::timeout(MAXIMUM * 2, endless).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_expired_call_is_not_handled_at_all() {
    let stack = EnforceDeadlineLayer::new(MAXIMUM)
        .layer(handler(|_| async { panic!("the handler must not run") }));
    assert_eq!(
        code(stack, request(Some("0m"))).await,
        Code::DeadlineExceeded
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_a_maximum_of_its_own() {
    let layer =
        EnforceDeadlineLayer::new(MAXIMUM).streams(MAXIMUM * 60, [PATH.trim_start_matches('/')]);
    let stack = layer.layer(handler(|_| pending()));
    let start = tokio::time::Instant::now();
    assert_eq!(code(stack, request(None)).await, Code::DeadlineExceeded);
    assert_eq!(start.elapsed(), MAXIMUM * 60);
}
