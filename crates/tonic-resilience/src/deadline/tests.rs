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
use http::{HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use proptest::prelude::*;
use rstest::rstest;
use tonic::{Code, body::Body};
use tower::Layer;

use super::{Deadline, format_timeout, parse_timeout};
use crate::{
    client::layers::PropagateDeadlineLayer,
    server::layers::EnforceDeadlineLayer,
    stack::Stack,
    testing::{PATH, call, code, handler},
};

const MAXIMUM: Duration = Duration::from_secs(60);

fn request(timeout: Option<&'static str>) -> Request<Body> {
    let mut request = crate::testing::request();
    let timeout = timeout.map(HeaderValue::from_static);
    let headers = request.headers_mut();
    timeout.map(|timeout| headers.insert("grpc-timeout", timeout));
    request
}

#[test]
fn a_time_without_end_is_far_off() {
    for deadline in [
        Deadline::after(Duration::MAX),
        Deadline::of_caller(Duration::MAX),
    ] {
        assert!(deadline.remaining() > Duration::from_secs(24 * 365 * 60 * 60));
    }
}

#[rstest]
#[case("1n", Duration::from_nanos(1))]
#[case("250m", Duration::from_millis(250))]
#[case("99999999H", Duration::from_secs(99_999_999 * 60 * 60))]
#[case("0S", Duration::ZERO)]
#[case("00000010u", Duration::from_micros(10))]
fn reads_what_the_grammar_allows(#[case] text: &'static str, #[case] timeout: Duration) {
    assert_eq!(parse_timeout(&HeaderValue::from_static(text)), Ok(timeout));
}

#[rstest]
#[case("", "nothing at all")]
#[case("m", "no digits")]
#[case("100", "no unit")]
#[case("123456789m", "nine digits")]
#[case("-1m", "a sign")]
#[case("+1m", "a sign")]
#[case("1.5S", "a fraction")]
#[case("1 S", "a space")]
#[case("1s", "a unit that is not known")]
#[case("abc", "no number")]
#[tokio::test(start_paused = true)]
async fn refuses_malformed_timeouts(#[case] text: &'static str, #[case] reason: &str) {
    let stack = EnforceDeadlineLayer::new(MAXIMUM).layer(handler(|_| pending()));
    let refused = code(stack, request(Some(text))).await;
    assert_eq!(refused, Code::InvalidArgument, "{reason}");
}

proptest! {
    #[test]
    fn what_is_written_reads_back_no_longer_than_it_was(nanoseconds in 0..u64::MAX) {
        let timeout = Duration::from_nanos(nanoseconds);
        let written = parse_timeout(&format_timeout(timeout)).expect("what we write is valid");
        prop_assert!(written <= timeout);
        // Eight digits hold at least 1 part in 10 million, or a minute.
        prop_assert!(timeout.saturating_sub(written) <= Duration::from_secs(60).max(timeout / 1_000_000));
    }
}

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
