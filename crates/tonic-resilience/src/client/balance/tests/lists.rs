//! Where the list of servers comes from.

use std::{pin::pin, time::Duration};

use tokio::{sync::watch, time::timeout};
use tonic::Code;

use super::{all_in, backends, spread};
use crate::{
    client::{
        balance::Balance,
        target::{Authority, Target},
    },
    testing::{
        backend::{Backend, eventually},
        code, request,
    },
};

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
