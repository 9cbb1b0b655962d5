//! What ends a handler early.

use std::sync::atomic::Ordering;

use super::{
    client::{begin, open},
    fixture::Fixture,
};
use crate::{server::Server, testing::backend::eventually};

#[tokio::test]
async fn a_caller_who_goes_away_cancels_the_handler() {
    let fixture = Fixture::start(Server::default()).await;
    let client = fixture.connect().await;
    for path in ["/t.T/Wait", "/t.T/Stream"] {
        let (response, mut body) = begin(&client, path).await.expect("an open connection");
        eventually("it is handled", async || fixture.running() == 1).await;
        body.send_reset(h2::Reason::CANCEL);
        drop(response);
        eventually("the handler is dropped", async || fixture.running() == 0).await;
    }
    let call = begin(&client, "/t.T/Wait").await;
    eventually("it is handled", async || fixture.running() == 1).await;
    drop((client, call));
    eventually("a connection that is gone cancels, too", async || {
        fixture.running() == 0
    })
    .await;
}

#[tokio::test]
async fn a_reset_cancels_a_handler_that_reads_twice_before_it_waits() {
    for reason in [h2::Reason::CANCEL, h2::Reason::NO_ERROR] {
        let fixture = Fixture::start(Server::default()).await;
        let client = fixture.connect().await;
        let (response, mut body) = open(&client, "/t.T/ReadTwice")
            .await
            .expect("an open connection");
        eventually("it is handled", async || fixture.running() == 1).await;
        body.send_reset(reason);
        drop(response);
        eventually("the handler is dropped", async || fixture.running() == 0).await;
        let answered = fixture.calls.answered.load(Ordering::SeqCst);
        assert_eq!(answered, 0, "{reason:?}");
    }
}
