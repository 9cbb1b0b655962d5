mod fairness;
mod streams;
mod trouble;

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use rstest::rstest;
use tokio::{sync::watch, time::timeout};
use tonic::Code;

use super::{Balance, Balanced, Policy};
use crate::{
    client::{
        layers::deadline::PropagateDeadlineLayer,
        target::{Authority, Target},
    },
    testing::{
        backend::{Backend, Wire, eventually},
        code, request,
    },
};

fn target(backends: &[Backend]) -> Target {
    Target::Static(backends.iter().map(Backend::authority).collect())
}

pub(super) fn backends<const N: usize>() -> [Backend; N] {
    std::array::from_fn(|_| Backend::start())
}

/// The calls of each backend while `calls` calls are made, all of which succeed.
pub(super) async fn spread<const N: usize>(
    channel: &Balanced,
    backends: &[Backend; N],
    calls: usize,
) -> [usize; N] {
    let before = backends.each_ref().map(Backend::calls);
    for _ in 0..calls {
        assert_eq!(code(channel.clone(), request()).await, Code::Ok);
    }
    std::array::from_fn(|index| backends[index].calls() - before[index])
}

/// Waits until each of them gets calls.
pub(super) async fn all_in<const N: usize>(channel: &Balanced, backends: &[Backend; N]) {
    eventually("all servers are in", async || {
        let calls = spread(channel, backends, 4 * N).await;
        calls.iter().all(|calls| *calls > 0)
    })
    .await;
}

#[tokio::test]
async fn pick_first_keeps_the_others_in_reserve() {
    let [first, second] = backends::<2>();
    let backends = [first, second];
    let channel = Balance::default()
        .policy(Policy::PickFirst)
        .connect(&target(&backends));
    eventually("the first is in", async || {
        spread(&channel, &backends, 1).await == [1, 0]
    })
    .await;
    assert_eq!(spread(&channel, &backends, 50).await, [50, 0]);
    backends[0].health.set_serving(false);
    eventually("the second takes over", async || {
        spread(&channel, &backends, 1).await == [0, 1]
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_not_serving_gets_no_calls_until_it_is() {
    let backends = backends::<2>();
    let channel = Balance::default().connect(&target(&backends));
    all_in(&channel, &backends).await;
    backends[0].health.set_serving(false);
    eventually("the first is out", async || {
        spread(&channel, &backends, 10).await == [0, 10]
    })
    .await;
    assert_eq!(spread(&channel, &backends, 100).await, [0, 100]);
    backends[0].health.set_serving(true);
    all_in(&channel, &backends).await;
}

#[tokio::test]
async fn a_server_that_tells_no_health_stays_in_when_calls_fail() {
    let backend = Backend::start_without_health(Code::Unavailable);
    let channel = Balance::default().connect(&target(std::slice::from_ref(&backend)));
    for _ in 0..20 {
        assert_eq!(code(channel.clone(), request()).await, Code::Unavailable);
        tokio::task::yield_now().await;
    }
    assert_eq!(backend.calls(), 20, "each call is answered by the server");
}

#[tokio::test]
async fn two_of_three_are_killed_and_come_back() {
    let mut backends = backends::<3>();
    let channel = Balance::default().connect(&target(&backends));
    all_in(&channel, &backends).await;
    let addresses = [backends[0].address, backends[1].address];
    let mut failed = 0;
    for address in addresses {
        // The place of the killed server is taken by one at another port, which gets no calls.
        let index = usize::from(address == addresses[1]);
        drop(std::mem::replace(&mut backends[index], Backend::start()));
        let since = Instant::now();
        while since.elapsed() < Duration::from_millis(300) {
            failed += usize::from(code(channel.clone(), request()).await != Code::Ok);
        }
    }
    assert!(failed <= 2, "{failed} calls failed for two deaths");
    assert_eq!(spread(&channel, &backends, 100).await, [0, 0, 100]);

    let back = Instant::now();
    backends[0] = Backend::start_at(addresses[0]);
    backends[1] = Backend::start_at(addresses[1]);
    all_in(&channel, &backends).await;
    assert!(
        back.elapsed() < Duration::from_secs(4),
        "{:?}",
        back.elapsed()
    );
}

#[tokio::test]
async fn a_server_that_hangs_is_found_by_its_silence() {
    let backends = backends::<2>();
    let wire = Wire::to(backends[0].address).await;
    let members = vec![wire.address.into(), backends[1].authority()];
    let balanced = Balance::default().connect(&Target::Static(members));
    all_in(&balanced, &backends).await;
    let deadline = PropagateDeadlineLayer::new(Duration::from_millis(200));
    let channel = tower::Layer::layer(&deadline, balanced.clone());
    wire.freeze(true);
    eventually("it is out", async || {
        let mut all_succeed = true;
        for _ in 0..4 {
            all_succeed &= code(channel.clone(), request()).await == Code::Ok;
        }
        all_succeed
    })
    .await;
    assert_eq!(spread(&balanced, &backends, 100).await[1], 100);
    wire.freeze(false);
    all_in(&balanced, &backends).await;
}

#[tokio::test]
async fn calls_fail_at_once_when_all_are_dead_and_succeed_when_one_is_back() {
    let [backend] = backends::<1>();
    let address = backend.address;
    let channel = Balance::default().connect(&target(&[backend]));
    eventually("it is out", async || {
        code(channel.clone(), request()).await == Code::Unavailable
    })
    .await;
    let start = Instant::now();
    assert_eq!(code(channel.clone(), request()).await, Code::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(1));
    let _backend = Backend::start_at(address);
    eventually("it is back", async || {
        code(channel.clone(), request()).await == Code::Ok
    })
    .await;
}

#[tokio::test]
async fn a_server_that_leaves_the_list_gets_no_more_calls() {
    let backends = backends::<2>();
    let both: Vec<Authority> = backends.iter().map(Backend::authority).collect();
    let (list, members) = watch::channel(both.clone());
    let channel = Balance::default().follow("profile", members);
    all_in(&channel, &backends).await;
    list.send_replace(both[1..].to_vec());
    eventually("the first has left", async || {
        spread(&channel, &backends, 10).await == [0, 10]
    })
    .await;
    assert_eq!(spread(&channel, &backends, 100).await, [0, 100]);
    list.send_replace(both);
    all_in(&channel, &backends).await;
}

#[tokio::test]
async fn calls_wait_for_a_list_that_is_not_known_yet() {
    let [backend] = backends::<1>();
    let (list, members) = watch::channel(None);
    let channel = Balance::default().follow("profile", members);
    let mut call = pin!(code(channel, request()));
    let wait = Duration::from_millis(50);
    assert!(timeout(wait, call.as_mut()).await.is_err(), "it waits");
    list.send_replace(Some(vec![backend.authority()]));
    assert_eq!(call.await, Code::Ok);
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let [backend] = backends::<1>();
    let target: Target = format!("dns:///localhost:{}", backend.address.port())
        .parse()
        .expect("a target");
    let channel = Balance::default().connect(&target);
    assert_eq!(code(channel, request()).await, Code::Ok);
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_unavailable() {
    let target = "dns:///no-such-host.invalid:1".parse().expect("a target");
    let channel = Balance::default().connect(&target);
    assert_eq!(code(channel, request()).await, Code::Unavailable);
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
