//! Servers of the profile service that die, hang and come back, under calls that never stop.

use std::{collections::BTreeMap, net::SocketAddr, time::Instant};

use rstest::rstest;

use super::{
    calls::WATCH_USER,
    chain::{Chain, Plan, started},
    figure,
    load::{Load, failures},
};
use crate::support::{Caller, Process, Wire, until};

const CALLERS: usize = 8;

#[rstest]
#[case::killed("KILL")]
#[case::hung("STOP")]
#[tokio::test]
async fn two_of_three_are_lost_and_no_call_fails_once_that_is_seen(#[case] signal: &str) {
    let mut chain = of_three(&[], &[]).await;
    let load = Load::start(&chain, CALLERS).await;
    all_serve(&chain).await;

    let lost = Instant::now();
    for profile in &chain.profiles[..2] {
        profile.signal(signal).await;
    }
    for profile in &chain.profiles[..2] {
        is_out(&chain.users[0], profile.address("grpc").await).await;
    }
    figure(&format!("{signal}: seen after"), lost.elapsed());
    figure("calls that failed until then", failures(&load.since(lost)));
    let seen = Instant::now();
    assert_eq!(load.failures_of_next(150).await, BTreeMap::new());

    let [mut first, mut second] = [chain.profiles.remove(0), chain.profiles.remove(0)];
    let mut back = Instant::now();
    for profile in [&mut first, &mut second] {
        if signal == "KILL" {
            profile.ended().await;
            chain.replace(profile, &[]).await;
            back = Instant::now();
        } else {
            profile.signal("CONT").await;
        }
    }
    for profile in [&first, &second] {
        serves(profile).await;
    }
    figure("both serve again after", back.elapsed());
    assert_eq!(load.failures_of_next(50).await, BTreeMap::new());
    assert_eq!(failures(&load.since(seen)), BTreeMap::new());
    load.stop().await;
}

#[tokio::test]
async fn a_server_that_flaps_costs_no_call_once_each_death_is_seen() {
    let mut chain = of_three(&[], &[]).await;
    let load = Load::start(&chain, CALLERS).await;
    all_serve(&chain).await;
    let mut flapping = chain.profiles.remove(0);
    let address = flapping.address("grpc").await;
    for death in 1..=4 {
        flapping.signal("KILL").await;
        is_out(&chain.users[0], address).await;
        let seen = Instant::now();
        flapping.ended().await;
        chain.replace(&mut flapping, &[]).await;
        serves(&flapping).await;
        let failed = failures(&load.since(seen));
        assert_eq!(failed, BTreeMap::new(), "after death {death}");
    }
    let all = load.stop().await;
    figure("calls while a server died four times", all.len());
    figure("of which failed", failures(&all));
}

#[tokio::test]
async fn a_server_that_dies_ends_its_stream_and_leaves_no_span_open() {
    let chain = Chain::start().await;
    let wire = Wire::connect(chain.gateway.address("grpc").await).await;
    let mut call = WATCH_USER.begin(&wire, &[]).await;
    let answer = (&mut call.answer).await.unwrap();
    let trace_id = answer.headers()["x-trace-id"].to_str().unwrap().to_owned();
    let mut updates = answer.into_body();
    updates.data().await.unwrap().unwrap();
    chain.profiles[0].signal("KILL").await;
    assert!(updates.data().await.is_none(), "no further update");
    let trailers = updates.trailers().await.unwrap().unwrap();
    assert_eq!(trailers["grpc-status"], "14");

    let trace = chain.collector.trace(&trace_id, 6).await;
    for span in trace.spans() {
        let code = span.attribute("rpc.response.status_code");
        assert_eq!(code, "UNAVAILABLE", "{}", trace.tree());
        assert!(span.is_error, "{span:?}");
    }
    for service in [&chain.gateway, &chain.users[0]] {
        until("no span is open", async || {
            let open = service.metrics().await.sum("otel_sdk_span_live", &[]);
            (open == 0).then_some(())
        })
        .await;
    }
}

#[rstest]
#[case::round_robin("round_robin", &[], [100, 100, 100])]
#[case::by_weight("weighted_round_robin", &[";weight=3"], [180, 60, 60])]
#[tokio::test]
async fn policies_are_fair_within_two_percent(
    #[case] policy: &str,
    #[case] weights: &[&str],
    #[case] shares: [u64; 3],
) {
    let chain = of_three(&["--profile-policy", policy], weights).await;
    let load = Load::start(&chain, 1).await;
    all_serve(&chain).await;
    load.stop().await;
    let before = chain.calls().await;
    let caller = Caller::connect(chain.gateway.address("grpc").await).await;
    for _ in 0..300 {
        assert!(!super::load::call(&caller).await.failed());
    }
    let after = chain.calls().await;
    for index in 0..3 {
        let calls = after[index] - before[index];
        let off = calls.abs_diff(shares[index]);
        assert!(off * 50 <= shares[index], "{before:?} {after:?}");
    }
}

async fn of_three(user: &[&str], weights: &[&str]) -> Chain {
    Chain::of(Plan {
        profiles: 3,
        user,
        weights,
        ..Plan::default()
    })
    .await
}

async fn all_serve(chain: &Chain) {
    for profile in &chain.profiles {
        serves(profile).await;
    }
}

/// Waits until it gets calls, from here on.
async fn serves(profile: &Process) {
    let before = started(profile, "GetProfile").await;
    until("it gets calls", async || {
        (started(profile, "GetProfile").await > before).then_some(())
    })
    .await;
}

/// Waits until the user service says that it no longer calls this server.
async fn is_out(user: &Process, server: SocketAddr) {
    let server = server.to_string();
    until("it is out", async || {
        let lines = user.lines().into_iter().rev();
        let mut of_server = lines.filter(|line| line.contains(&server));
        let last = of_server.find(|line| line.contains("condition"));
        last.filter(|line| line.contains("Ejected"))
    })
    .await;
}
