use std::time::Duration;

use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt,
    trace::{FutureExt, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use proptest::prelude::*;
use rstest::rstest;
use tokio::time::{Instant, timeout};
use tonic::{Code, body::Body};
use tower::Layer;

use super::{Faults, InjectFaultLayer};
use crate::{
    names,
    names::Names,
    server::layers::catch_panic::CatchPanicLayer,
    stack::Stack,
    testing::{answer_in_trailers, code, handler, request},
};

static NAMES: Names = names!("shop");

/// The context of a call with these faults, in a trace.
fn context(faults: &str) -> Context {
    let span = SpanContext::new(
        TraceId::from(1),
        SpanId::from(1),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    Context::new()
        .with_remote_span_context(span)
        .with_baggage([KeyValue::new(NAMES.fault, faults.to_owned())])
}

/// A server of `user` whose handler succeeds.
fn server() -> impl Stack<ResponseBody = Body> {
    let answer = handler(|_| async { answer_in_trailers(Code::Ok) });
    CatchPanicLayer.layer(InjectFaultLayer::new("user").names(&NAMES).layer(answer))
}

/// How `user` answers `GetUser` with these faults, after `previous` attempts.
async fn answered(faults: &str, previous: u32) -> Code {
    let mut request = request();
    if previous > 0 {
        let headers = request.headers_mut();
        headers.insert("grpc-previous-rpc-attempts", previous.into());
    }
    code(server(), request).with_context(context(faults)).await
}

#[rstest]
#[case::error("user:error=DATA_LOSS", Code::DataLoss)]
#[case::of_the_method("user/GetUser:error=ABORTED", Code::Aborted)]
#[case::of_another_method("user/WatchUser:error=ABORTED", Code::Ok)]
#[case::of_another_service("profile:error=ABORTED", Code::Ok)]
#[case::the_second_is_ours("profile:hang&user:error=ABORTED", Code::Aborted)]
#[case::the_first_that_ends_it("user:error=ABORTED&user:error=DATA_LOSS", Code::Aborted)]
#[case::a_share_of_nothing("user:error_rate=0", Code::Ok)]
#[case::a_share_of_all("user:error_rate=1", Code::Unavailable)]
#[case::spared_then_not("user:error_rate=0&user:error=ABORTED", Code::Aborted)]
#[case::panic("user:panic", Code::Internal)]
#[case::hidden("hidden&user:error=ABORTED", Code::Aborted)]
#[case::hidden_panic("hidden&user:panic", Code::Internal)]
#[case::hidden_and_nothing("hidden&", Code::InvalidArgument)]
#[case::hidden_late("user:delay=0s&hidden", Code::InvalidArgument)]
#[case::not_a_fault("user:error=UNAVAILABL", Code::InvalidArgument)]
#[case::nothing("", Code::InvalidArgument)]
#[tokio::test]
async fn call_ends_as_its_faults_say(#[case] faults: &str, #[case] expected: Code) {
    assert_eq!(answered(faults, 0).await, expected);
}

#[rstest]
#[case(0, Code::Unavailable)]
#[case(1, Code::Unavailable)]
#[case(2, Code::Ok)]
#[tokio::test]
async fn first_attempts_fail(#[case] previous: u32, #[case] expected: Code) {
    assert_eq!(answered("user:fail_first=2", previous).await, expected);
}

#[tokio::test(start_paused = true)]
async fn delays_add_up_before_the_end() {
    let begin = Instant::now();
    let faults = "user:delay=800ms&user:error=ABORTED&user:delay=1s";
    assert_eq!(answered(faults, 0).await, Code::Aborted);
    assert_eq!(begin.elapsed(), Duration::from_millis(1800));
}

#[tokio::test(start_paused = true)]
async fn delays_that_no_clock_can_show_have_no_end() {
    let longest = format!("user:delay={}s", u64::MAX);
    let faults = format!("{longest}&{longest}");
    let hour = Duration::from_secs(60 * 60);
    assert!(timeout(hour, answered(&faults, 0)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn hang_has_no_end() {
    let hour = Duration::from_secs(60 * 60);
    assert!(timeout(hour, answered("user:hang", 0)).await.is_err());
}

#[tokio::test]
async fn call_without_faults_passes() {
    assert_eq!(code(server(), request()).await, Code::Ok);
}

#[rstest]
#[case::kept("user:delay=0s", true)]
#[case::dropped("user:drop_context", false)]
#[tokio::test]
async fn handler_forgets_the_trace(#[case] faults: &str, #[case] expected: bool) {
    let seen = handler(|_| async {
        let in_trace = Context::map_current(|context| context.span().span_context().is_valid());
        answer_in_trailers(if in_trace { Code::Ok } else { Code::NotFound })
    });
    let server = InjectFaultLayer::new("user").names(&NAMES).layer(seen);
    let expected = if expected { Code::Ok } else { Code::NotFound };
    let code = code(server, request()).with_context(context(faults)).await;
    assert_eq!(code, expected);
}

#[rstest]
#[case("profile", "`profile` is not a valid fault: expected SERVICE")]
#[case(":hang", "expected SERVICE")]
#[case("user/:hang", "expected SERVICE")]
#[case("user:explode", "expected delay=TIME")]
#[case("user:hang=2", "expected delay=TIME")]
#[case("user:delay", "expected a time")]
#[case("user:delay=800", "expected a time")]
#[case("user:delay=-1s", "expected a time")]
#[case("user:error=OK", "expected the name of a failure")]
#[case("user:error=unavailable", "expected the name of a failure")]
#[case("user:fail_first=-1", "expected a number")]
#[case("user:error_rate=1.5", "expected a share")]
#[case("user:error_rate=NaN", "expected a share")]
#[case("user:hang&", "`` is not a valid fault")]
fn what_is_no_fault_is_refused_with_what_was_expected(#[case] text: &str, #[case] why: &str) {
    let error = text.parse::<Faults>().unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

/// The refusal is sent in a header, which must not be long.
#[test]
fn refusal_of_a_long_text_is_short() {
    let text = format!("user:{}", "ü".repeat(4000));
    let error = text.parse::<Faults>().unwrap_err().to_string();
    assert!(
        error.starts_with("`user:ü") && error.contains("ü…` is not a valid fault"),
        "{error}"
    );
    assert!(error.len() < 400, "{}", error.len());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        if let Ok(faults) = text.parse::<Faults>() {
            prop_assert_eq!(faults.to_string().parse::<Faults>(), Ok(faults));
        }
    }

    #[test]
    fn what_is_written_is_read(
        millis in 0_u64..10_000_000,
        share in 0.0_f64..=1.0,
        count in any::<u32>(),
    ) {
        let text = format!("a:delay={millis}ms&b/C:error_rate={share}&d:fail_first={count}");
        let faults: Faults = text.parse().unwrap();
        prop_assert_eq!(faults.to_string().parse::<Faults>(), Ok(faults));
    }
}

#[rstest]
#[case("user/Handle:error=ABORTED", 0, Err(Code::Aborted))]
#[case("user/GetUser:error=ABORTED", 0, Ok(()))]
#[case("user:fail_first=1", 0, Err(Code::Unavailable))]
#[case("user:fail_first=1", 1, Ok(()))]
#[case("user:sleep=1s", 0, Err(Code::InvalidArgument))]
#[tokio::test]
async fn work_that_is_no_call_has_faults_too(
    #[case] faults: &str,
    #[case] previous: u32,
    #[case] expected: Result<(), Code>,
) {
    let layer = InjectFaultLayer::new("user").names(&NAMES);
    let injected = layer.inject("Handle", previous);
    let injected = injected.with_context(context(faults)).await;
    assert_eq!(injected.map_err(|status| status.code()), expected);
}
