use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tokio::net::TcpStream;
use tonic::{Code, transport::Endpoint};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::{
    client::{begin, call, finish},
    fixture::Fixture,
};
use crate::{server::Server, testing::backend::eventually};

#[tokio::test]
async fn calls_under_way_finish_and_no_more_are_taken() {
    let fixture = Fixture::start(Server::default()).await;
    let (address, go_on) = (fixture.address, fixture.calls.go_on.clone());
    let client = fixture.connect().await;
    let (response, _body) = begin(&client, "/t.T/Wait")
        .await
        .expect("an open connection");
    eventually("it is handled", async || fixture.running() == 1).await;
    let ready = fixture.health.ready();
    let served = fixture.begin_stop();

    eventually("the listener is closed", async || {
        TcpStream::connect(address).await.is_err()
    })
    .await;
    assert!(!*ready.borrow(), "health says so");
    eventually("the connection takes no more", async || {
        call(&client, "/t.T/Quick").await.is_err()
    })
    .await;
    go_on.add_permits(1);
    let answer = response.await.expect("an answer");
    assert_eq!(finish(answer).await.expect("a body"), Code::Ok);
    let drained = served.await.expect("no panic").expect("served");
    assert_eq!(drained.aborted_calls, 0);
}

#[tokio::test]
async fn a_stream_that_does_not_end_is_cut_when_the_grace_is_over() {
    let grace = Duration::from_millis(300);
    let fixture = Fixture::start(Server::default().grace(grace)).await;
    let running = fixture.calls.running.clone();
    let client = fixture.connect().await;
    let (response, _body) = begin(&client, "/t.T/Stream")
        .await
        .expect("an open connection");
    let response = response.await.expect("headers");
    let reader = tokio::spawn(finish(response));
    let drained = fixture.stop().await;
    assert_eq!(drained.aborted_calls, 1);
    assert!(
        drained.took >= grace && drained.took < Duration::from_secs(5),
        "{drained:?}"
    );
    assert_eq!(running.load(Ordering::SeqCst), 0, "the handler is gone");
    assert!(reader.await.expect("no panic").is_err());
}

#[tokio::test]
async fn a_client_that_never_reads_does_not_hold_the_drain_up() {
    let fixture = Fixture::start(Server::default().grace(Duration::from_millis(300))).await;
    let client = fixture.connect().await;
    // The window fills, and the server waits for room that never comes.
    let (response, _body) = begin(&client, "/t.T/Stream")
        .await
        .expect("an open connection");
    let _unread = response.await.expect("headers");
    let start = Instant::now();
    assert_eq!(fixture.stop().await.aborted_calls, 1);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn health_watches_learn_of_the_drain_and_do_not_hold_it_up() {
    let fixture = Fixture::start(Server::default()).await;
    let channel = Endpoint::from_shared(format!("http://{}", fixture.address))
        .expect("an address")
        .connect_lazy();
    let mut client = HealthClient::new(channel);
    let watch = client.watch(HealthCheckRequest::default()).await;
    let mut watch = watch.expect("an answer").into_inner();
    let mut next = async || {
        watch
            .message()
            .await
            .expect("no error")
            .map(|update| update.status())
    };
    assert_eq!(next().await, Some(ServingStatus::Serving));
    let served = fixture.begin_stop();
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    assert_eq!(next().await, None, "the watch ends in good order");
    let drained = served.await.expect("no panic").expect("served");
    assert_eq!(drained.aborted_calls, 0);
    assert!(drained.took < Duration::from_secs(5), "{drained:?}");
}

#[tokio::test]
async fn what_was_handled_was_answered_however_the_stop_falls() {
    for round in 0..20_u64 {
        let fixture = Fixture::start(Server::default()).await;
        let calls = fixture.calls.clone();
        let client = fixture.connect().await;
        let mut callers = Vec::new();
        for _ in 0..8 {
            let client = client.clone();
            callers.push(tokio::spawn(async move {
                let mut answered = 0;
                while let Ok(code) = call(&client, "/t.T/Quick").await {
                    assert_eq!(code, Code::Ok);
                    answered += 1;
                }
                answered
            }));
        }
        let enough = usize::try_from(round * 10).expect("a small number");
        let handled = calls.answered.clone();
        eventually("some calls", async || {
            handled.load(Ordering::SeqCst) > enough
        })
        .await;
        assert_eq!(fixture.stop().await.aborted_calls, 0);
        let mut answered = 0;
        for caller in callers {
            answered += caller.await.expect("no panic");
        }
        assert_eq!(answered, calls.answered.load(Ordering::SeqCst));
    }
}
