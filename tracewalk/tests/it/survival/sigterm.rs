//! Services that are replaced one by one while calls go on.

use std::collections::BTreeMap;

use tonic::{Code, transport::Endpoint};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::{
    chain::{Chain, Plan, started},
    figure,
    load::{Load, failures},
};
use crate::support::{Caller, Process, Trace, until};

const ROUNDS: usize = 3;

#[tokio::test]
async fn each_service_is_replaced_under_load_and_no_call_is_lost() {
    let mut chain = Chain::of(Plan {
        users: 2,
        profiles: 2,
        ..Plan::default()
    })
    .await;
    let load = Load::start(&chain, 8).await;
    let profiles = format!("static:///{}", addresses(&chain.profiles).await);
    for round in 0..ROUNDS {
        let mut profile = chain.profiles.remove(0);
        replace(&chain, &mut profile, "GetProfile", &[]).await;
        chain.profiles.push(profile);
        let mut user = chain.users.remove(0);
        replace(&chain, &mut user, "GetUser", &["--profile", &profiles]).await;
        chain.users.push(user);
        assert_eq!(failures(&load.ended()), BTreeMap::new(), "round {round}");
    }
    let calls = load.stop().await;
    chain.stop().await;
    figure("calls while services were replaced", calls.len());
    assert_eq!(failures(&calls), BTreeMap::new());
    let traces = chain.collector.traces();
    assert_eq!(traces.len(), calls.len());
    for trace in traces.values() {
        what_was_accepted_was_answered(trace);
    }
}

#[tokio::test]
async fn health_says_that_no_more_calls_are_wanted_and_the_last_call_still_ends_well() {
    let mut chain = Chain::start().await;
    let gateway = chain.gateway.address("grpc").await;
    let mut caller = Caller::connect(gateway).await;
    let last = tokio::spawn(async move { caller.watch("1", 50).await });
    until("the last call is there", async || {
        (started(&chain.gateway, "WatchUser").await > 0).then_some(())
    })
    .await;
    let endpoint = Endpoint::from_shared(format!("http://{gateway}")).unwrap();
    let mut health = HealthClient::new(endpoint.connect_lazy());
    let watch = health.watch(HealthCheckRequest::default()).await;
    let mut watch = watch.unwrap().into_inner();
    let mut next = async || watch.message().await.unwrap().map(|it| it.status());
    assert_eq!(next().await, Some(ServingStatus::Serving));
    chain.gateway.signal("TERM").await;
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    assert_eq!(next().await, None, "the watch does not hold the drain up");
    let last = last.await.unwrap();
    assert_eq!((last.code, last.messages), (Code::Ok, 50));
    assert_eq!(chain.gateway.ended().await, Some(0));
}

/// SIGTERM while it serves; it ends well, and another takes its place.
async fn replace(chain: &Chain, process: &mut Process, method: &str, flags: &[&str]) {
    serves(process, method).await;
    process.signal("TERM").await;
    assert_eq!(process.ended().await, Some(0));
    let drained = process.event("aborted_calls").await;
    assert_eq!(drained["aborted_calls"], 0, "{drained}");
    chain.replace(process, flags).await;
    serves(process, method).await;
}

/// Waits until it gets calls, from here on.
async fn serves(process: &Process, method: &str) {
    let before = started(process, method).await;
    until("it gets calls", async || {
        (started(process, method).await > before).then_some(())
    })
    .await;
}

/// Each SERVER span says OK, and so does the attempt above it: the answer arrived.
fn what_was_accepted_was_answered(trace: &Trace) {
    let code = "rpc.response.status_code";
    for server in trace.spans().iter().filter(|span| span.kind == "SERVER") {
        assert_eq!(server.attribute(code), "OK", "{}", trace.tree());
        let attempt = trace.spans().iter().find(|span| span.id == server.parent);
        let known = attempt.map(|attempt| attempt.attribute(code));
        let is_first = server.service == "gateway";
        assert_eq!(known, (!is_first).then_some("OK"), "{}", trace.tree());
    }
}

async fn addresses(servers: &[Process]) -> String {
    let mut list = Vec::new();
    for server in servers {
        list.push(server.address("grpc").await.to_string());
    }
    list.join(",")
}
