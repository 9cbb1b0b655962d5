//! A caller that never reads what it asked for.

use std::time::{Duration, Instant};

use rstest::rstest;

use super::{
    calls::WATCH_USER,
    chain::{Chain, Plan},
    figure,
};
use crate::support::Wire;

const GRACE: Duration = Duration::from_secs(1);

#[rstest]
#[case::no_room_for_a_byte(0)]
#[case::room_that_is_not_read(65_535)]
#[tokio::test]
async fn a_caller_that_never_reads_does_not_delay_the_end_beyond_the_grace(#[case] room: u32) {
    let mut chain = Chain::of(Plan {
        gateway: &["--grace", "1s"],
        ..Plan::default()
    })
    .await;
    let mut window = h2::client::Builder::new();
    window.initial_window_size(room);
    let wire = Wire::connect_with(chain.gateway.address("grpc").await, &window).await;
    let mut call = WATCH_USER.begin(&wire, &[]).await;
    let _unread = (&mut call.answer).await.expect("headers");

    let told = Instant::now();
    chain.gateway.signal("TERM").await;
    assert_eq!(chain.gateway.ended().await, Some(0));
    figure(
        "from SIGTERM to the exit, with a grace of 1 s",
        told.elapsed(),
    );
    let drained = chain.gateway.event("aborted_calls").await;
    assert_eq!(drained["aborted_calls"], 1, "{drained}");
    let took = drained["took_ms"].as_u64().expect("a number");
    let grace = u64::try_from(GRACE.as_millis()).expect("a small number");
    assert!((grace..3 * grace).contains(&took), "{drained}");
}
