//! What ejects a server, and what does not.

use std::time::Duration;

use http::{HeaderValue, Request};
use tokio::task::{JoinHandle, JoinSet};
use tonic::{Code, body::Body};

use super::{super::Balance, all_in, backends, spread, target};
use crate::{
    client::{KEEPALIVE, target::Target},
    testing::{
        backend::{BEGIN, HANG, eventually},
        call, code, code_of, request,
        wire::Wire,
    },
};

fn to(path: &'static str) -> Request<Body> {
    let mut request = request();
    *request.uri_mut() = path.parse().expect("a path");
    request
}

#[tokio::test]
async fn callers_in_a_hurry_do_not_take_a_server_out() {
    let backends = backends::<1>();
    let channel = Balance::default().connect(&target(&backends));
    all_in(&channel, &backends).await;
    for round in 0..20 {
        // tonic has a timer of its own for this header.
        let mut hurried = to(HANG);
        let timeout = HeaderValue::from_static("5m");
        hurried.headers_mut().insert("grpc-timeout", timeout);
        let ended = code(channel.clone(), hurried).await;
        assert_eq!(ended, Code::DeadlineExceeded, "round {round}");
        assert_eq!(code(channel.clone(), request()).await, Code::Ok);
    }
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_of_an_answer_is_unavailable() {
    let [backend] = backends::<1>();
    let channel = Balance::default().connect(&target(std::slice::from_ref(&backend)));
    let answer = call(channel, to(BEGIN)).await;
    drop(backend);
    assert_eq!(code_of(answer).await, Code::Unavailable);
}

#[tokio::test]
async fn a_server_that_hangs_is_out_although_its_calls_have_time() {
    let backends = backends::<2>();
    let wire = Wire::to(backends[0].address).await;
    let members = vec![wire.address.into(), backends[1].authority()];
    let channel = Balance::default().connect(&Target::Static(members));
    all_in(&channel, &backends).await;
    wire.freeze(true);
    // The first calls that reach the hanging server wait: they have no deadline.
    let mut waiting = Vec::new();
    eventually("it is out", async || {
        let mut calls: Vec<_> = (0..4)
            .map(|_| tokio::spawn(code(channel.clone(), request())))
            .collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let all_answered = calls.iter().all(JoinHandle::is_finished);
        waiting.append(&mut calls);
        all_answered
    })
    .await;
    assert_eq!(spread(&channel, &backends, 50).await, [0, 50]);
}

#[tokio::test]
async fn the_last_server_stays_in_however_silent_it_is() {
    let backends = backends::<1>();
    let wire = Wire::to(backends[0].address).await;
    let channel = Balance::default().connect(&Target::Static(vec![wire.address.into()]));
    all_in(&channel, &backends).await;
    wire.freeze(true);
    let slow = tokio::spawn(code(channel.clone(), request()));
    // Longer than it takes to request a probe, to probe, and to probe again.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let another = tokio::spawn(code(channel, request()));
    wire.freeze(false);
    assert_eq!(slow.await.expect("no panic"), Code::Ok);
    assert_eq!(another.await.expect("no panic"), Code::Ok);
}

#[tokio::test]
async fn a_silent_server_is_called_when_the_others_die() {
    let [silent, other] = backends::<2>();
    let wire = Wire::to(silent.address).await;
    let members = vec![wire.address.into(), other.authority()];
    let channel = Balance::default().connect(&Target::Static(members));
    let backends = [silent, other];
    all_in(&channel, &backends).await;
    wire.freeze(true);
    let mut waiting = Vec::new();
    eventually("the silent one is out", async || {
        waiting.extend((0..4).map(|_| tokio::spawn(code(channel.clone(), request()))));
        tokio::time::sleep(Duration::from_millis(50)).await;
        waiting.iter().rev().take(4).all(JoinHandle::is_finished)
    })
    .await;
    let [_silent, other] = backends;
    drop(other);
    // All wait for the silent one: a single call may be slow because the machine is.
    eventually("the other is known to be dead", async || {
        let mut called: JoinSet<_> = (0..4).map(|_| code(channel.clone(), request())).collect();
        let ended = called.join_next();
        tokio::time::timeout(Duration::from_millis(250), ended)
            .await
            .is_err()
    })
    .await;
    let last = tokio::spawn(code(channel, request()));
    wire.freeze(false);
    assert_eq!(last.await.expect("no panic"), Code::Ok);
}

#[tokio::test]
async fn a_call_without_a_deadline_ends_when_its_server_answers_no_ping() {
    let [backend] = backends::<1>();
    let wire = Wire::to(backend.address).await;
    let channel = Balance::default().connect(&Target::Static(vec![wire.address.into()]));
    let unanswered = tokio::spawn(code(channel.clone(), to(HANG)));
    let begun = call(channel, to(BEGIN)).await;
    wire.freeze(true);
    let max_wait = 4 * (KEEPALIVE.0 + KEEPALIVE.1);
    let ended = async { (code_of(begun).await, unanswered.await.expect("no panic")) };
    let ended = tokio::time::timeout(max_wait, ended).await;
    assert_eq!(ended, Ok((Code::Unavailable, Code::Unavailable)));
}
