//! Who gets how many calls.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use rstest::rstest;

use super::{
    super::{Balance, Policy, connect::Connect, endpoint::Endpoint, policy::Picker, pool::Pool},
    all_in, backends, spread, target,
};
use crate::{
    client::target::Target,
    testing::{call, request},
};

fn is_fair(calls: usize, share: usize) -> bool {
    calls.abs_diff(share) * 50 <= share
}

#[tokio::test]
async fn round_robin_gives_each_the_same() {
    let backends = backends::<3>();
    let channel = Balance::default().connect(&target(&backends));
    all_in(&channel, &backends).await;
    let calls = spread(&channel, &backends, 900).await;
    assert!(calls.iter().all(|calls| is_fair(*calls, 300)), "{calls:?}");
}

#[tokio::test]
async fn weights_are_shares() {
    let backends = backends::<2>();
    let [heavy, light] = backends.each_ref().map(|backend| backend.address);
    let target: Target = format!("static:///{heavy};weight=3,{light}")
        .parse()
        .expect("a target");
    let channel = Balance::default()
        .policy(Policy::WeightedRoundRobin)
        .connect(&target);
    all_in(&channel, &backends).await;
    let [heavy, light] = spread(&channel, &backends, 1000).await;
    assert!(
        is_fair(heavy, 750) && is_fair(light, 250),
        "{heavy} {light}"
    );
}

#[tokio::test]
async fn least_request_avoids_the_busy() {
    let backends = backends::<2>();
    let channel = Balance::default()
        .policy(Policy::LeastRequest)
        .connect(&target(&backends));
    all_in(&channel, &backends).await;
    // A call is in flight as long as the body of its answer is not read.
    let mut busy = HashMap::new();
    while busy.len() < 2 {
        let before = backends[0].calls();
        let answer = call(channel.clone(), request()).await;
        let index = usize::from(backends[0].calls() == before);
        busy.entry(index).or_insert_with(Vec::new).push(answer);
    }
    busy.remove(&1);
    let calls = spread(&channel, &backends, 100).await;
    assert_eq!(calls, [0, 100]);
}

#[tokio::test]
async fn least_request_gives_each_the_same_where_all_are_idle() {
    let endpoints = (1..=3).map(|port| {
        let authority = SocketAddr::from(([127, 0, 0, 1], port)).into();
        let pool = Pool::new(authority, Connect::default(), 1);
        Arc::new(Endpoint::new(pool))
    });
    let endpoints: Vec<_> = endpoints.collect();
    let ready: Vec<_> = endpoints.iter().collect();
    let policy = Picker::new(Policy::LeastRequest);
    let mut picks = [0; 3];
    // With so many calls two percent are 10 standard deviations: chance does not reach that.
    for _ in 0..600_000 {
        let server = policy.pick(&ready).expect("all are in");
        let index = endpoints.iter().position(|it| Arc::ptr_eq(it, server));
        picks[index.expect("one of them")] += 1;
    }
    assert!(
        picks.iter().all(|picks| is_fair(*picks, 200_000)),
        "{picks:?}"
    );
}

#[rstest]
#[case("pick_first", Policy::PickFirst)]
#[case("round_robin", Policy::RoundRobin)]
#[case("weighted_round_robin", Policy::WeightedRoundRobin)]
#[case("least_request", Policy::LeastRequest)]
fn policies_have_names(#[case] name: &str, #[case] policy: Policy) {
    assert_eq!(name.parse(), Ok(policy));
    assert_eq!(policy.to_string(), name);
    assert!("random".parse::<Policy>().is_err());
}
