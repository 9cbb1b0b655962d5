//! `grpc-timeout`, as it is written and read.

use std::{future::pending, time::Duration};

use http::HeaderValue;
use proptest::prelude::*;
use rstest::rstest;
use tonic::Code;
use tower::Layer;

use super::{MAXIMUM, request};
use crate::{
    deadline::{Deadline, format_timeout, parse_timeout},
    server::layers::EnforceDeadlineLayer,
    testing::{code, handler},
};

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
