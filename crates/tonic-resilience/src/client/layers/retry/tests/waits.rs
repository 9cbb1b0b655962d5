//! How long it waits between attempts.

use std::time::Duration;

use prometheus::Registry;
use tokio::time::Instant;
use tonic::Code;
use tower::Layer;

use super::{Server, layer, layer_with, third_time_lucky, unavailable, with_pushback};
use crate::{
    client::layers::{deadline::PropagateDeadlineLayer, retry::RetryPolicy},
    server::layers::deadline::EnforceDeadlineLayer,
    testing::{call, code, request},
};

#[tokio::test(start_paused = true)]
async fn waits_double_and_are_jittered_by_a_fifth() {
    for _ in 0..100 {
        let server = Server::new(third_time_lucky);
        code(layer().layer(server.stack()), request()).await;
        let waits = server.waits();
        for (wait, middle) in waits.iter().zip([50, 100]) {
            let middle = Duration::from_millis(middle);
            // The timer's own grain is a millisecond.
            let grain = Duration::from_millis(2);
            assert!(*wait >= middle.mul_f64(0.8), "{waits:?}");
            assert!(*wait <= middle.mul_f64(1.2) + grain, "{waits:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn pushback_sets_the_wait() {
    let server = Server::new(|_| with_pushback("700"));
    code(layer().layer(server.stack()), request()).await;
    assert_eq!(server.waits(), [Duration::from_millis(700); 2]);
}

#[tokio::test(start_paused = true)]
async fn all_attempts_share_the_deadline() {
    let server = Server::new(unavailable);
    let policy = RetryPolicy::default().backoff(Duration::from_secs(1), Duration::from_secs(1));
    let stack = layer_with(policy, &Registry::new())
        .layer(EnforceDeadlineLayer::new(Duration::from_secs(60)).layer(server.stack()));
    let stack = PropagateDeadlineLayer::new(Duration::from_millis(1500)).layer(stack);
    let start = Instant::now();
    let status = call(stack, request()).await;
    assert_eq!(
        crate::testing::code_of(status).await,
        Code::Unavailable,
        "the cause, not the limit"
    );
    assert_eq!(
        server.attempts(),
        2,
        "a third would come after the deadline"
    );
    assert!(start.elapsed() < Duration::from_millis(1500));
    let seen = server.seen.lock().expect("no attempt panics").clone();
    let timeouts = seen.iter().map(|(_, headers)| {
        crate::deadline::parse_timeout(&headers["grpc-timeout"]).expect("a timeout")
    });
    let timeouts: Vec<Duration> = timeouts.collect();
    assert!(
        timeouts[1] <= timeouts[0].saturating_sub(Duration::from_millis(800)),
        "{timeouts:?}"
    );
}
