//! What is left for the next hop.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{Request, Response};
use tonic::{Code, body::Body};
use tower::Layer;

use super::{MAXIMUM, request};
use crate::{
    client::layers::PropagateDeadlineLayer,
    deadline::{Deadline, format_timeout, parse_timeout},
    server::layers::EnforceDeadlineLayer,
    stack::Stack,
    testing::{call, code, handler},
};

/// The inner deadline answers: the call ends with a status, and nothing is dropped.
#[tokio::test(start_paused = true)]
async fn an_inner_deadline_of_the_same_moment_answers_for_the_outer_one() {
    let inner = PropagateDeadlineLayer::new(MAXIMUM).layer(handler(|_| pending()));
    let answers = Arc::new(AtomicBool::new(false));
    let answered = Arc::clone(&answers);
    let stack = EnforceDeadlineLayer::new(MAXIMUM).layer(handler(move |_| {
        let (inner, answered) = (inner.clone(), Arc::clone(&answered));
        async move {
            let response = call(inner, request(None)).await;
            answered.store(true, Ordering::SeqCst);
            response
        }
    }));
    assert_eq!(
        code(stack, request(Some("200m"))).await,
        Code::DeadlineExceeded
    );
    assert!(answers.load(Ordering::SeqCst));
}

/// A client stack whose other side answers with the `grpc-timeout` that it got.
fn echo_timeout() -> impl Stack<ResponseBody = Body> {
    PropagateDeadlineLayer::new(Duration::from_secs(2)).layer(handler(|request| async move {
        let mut response = Response::new(Body::empty());
        let timeout = request.headers()["grpc-timeout"].clone();
        response.headers_mut().insert("seen", timeout);
        response
    }))
}

async fn sent(request: Request<Body>) -> Option<Duration> {
    let response = call(echo_timeout(), request).await;
    let seen = response.headers().get("seen")?;
    Some(parse_timeout(seen).expect("a timeout"))
}

#[tokio::test(start_paused = true)]
async fn the_next_hop_gets_what_is_left_or_less() {
    assert_eq!(sent(request(None)).await, Some(Duration::from_secs(2)));
    let asked = sent(request(Some("300m"))).await;
    assert_eq!(asked, Some(Duration::from_millis(300)));

    let served = Deadline::after(Duration::from_millis(500));
    tokio::time::advance(Duration::from_millis(100)).await;
    let left = served.scope(sent(request(None))).await;
    assert_eq!(left, Some(Duration::from_millis(400)));
    let shorter = served.scope(sent(request(Some("300m")))).await;
    assert_eq!(shorter, Some(Duration::from_millis(300)));

    tokio::time::advance(Duration::from_millis(400)).await;
    assert_eq!(served.scope(sent(request(None))).await, None, "not sent");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_deadlines_fall_strictly_from_hop_to_hop() {
    const HOP: Duration = Duration::from_millis(1);
    let profile = echo_timeout();
    let user = EnforceDeadlineLayer::new(MAXIMUM).layer(handler(move |_| {
        let profile = profile.clone();
        async move {
            tokio::time::advance(HOP).await;
            call(profile, request(None)).await
        }
    }));
    let user = PropagateDeadlineLayer::new(MAXIMUM).layer(user);
    let gateway = EnforceDeadlineLayer::new(MAXIMUM).layer(handler(move |_| {
        let user = user.clone();
        async move {
            tokio::time::advance(HOP).await;
            call(user, request(None)).await
        }
    }));
    for left in (1..=1000).map(Duration::from_millis) {
        let mut first = request(None);
        let timeout = format_timeout(left + 2 * HOP);
        first.headers_mut().insert("grpc-timeout", timeout);
        let answer = call(gateway.clone(), first).await;
        let seen = parse_timeout(&answer.headers()["seen"]).expect("a timeout");
        let kept =
            |left: Duration| left.saturating_sub((left / 10).min(Duration::from_millis(10)) + HOP);
        let expected = kept(kept(left + 2 * HOP));
        // Timeouts on the wire are rounded down.
        let rounded = expected.checked_sub(seen).expect("no more than is left");
        assert!(
            rounded < Duration::from_micros(20),
            "{seen:?} of {expected:?}"
        );
    }
}
