//! Which servers get calls while others fail, and when they are back.

use std::time::{Duration, Instant};

use tonic::Code;

use super::{all_in, backends, spread, target};
use crate::{
    client::{
        balance::{Balance, Policy},
        layers::deadline::PropagateDeadlineLayer,
        target::Target,
    },
    testing::{
        backend::{Backend, eventually},
        code, request,
        wire::Wire,
    },
};

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
