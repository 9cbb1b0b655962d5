//! Where a channel calls, as the answers change.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::proto::op::ResponseCode;
use tokio::{net::TcpListener, time::timeout};
use tonic::Code;

use super::{SRV, answers::Node, connect, consul::Consul};
use crate::{
    client::{
        self,
        balance::{
            Balance, Policy,
            tests::{all_in, backends, spread},
        },
    },
    testing::{
        backend::{Backend, eventually},
        code, request,
    },
};

fn node(backend: &Backend) -> Node {
    Node::at([127, 0, 0, 1], backend.address.port())
}

/// Waits until a lookup has begun and ended.
async fn asked_again(consul: &Consul) {
    let before = consul.answers().questions;
    eventually("it is asked", async || {
        consul.answers().questions >= before + 2
    })
    .await;
}

/// Takes the place of a DNS server that is gone, and answers nothing.
async fn fail_a_lookup(address: SocketAddr) {
    let mut listener = None;
    eventually("the port is free", async || {
        listener = TcpListener::bind(address).await.ok();
        listener.is_some()
    })
    .await;
    let listener = listener.expect("it listens");
    // The second connection is of the second lookup: the first has failed.
    for _ in 0..2 {
        let connection = timeout(Duration::from_secs(60), listener.accept()).await;
        connection.expect("a lookup").expect("a connection");
    }
}

#[tokio::test]
async fn servers_share_the_calls_by_their_weights() {
    let backends = backends::<2>();
    let mut nodes = backends.each_ref().map(node);
    nodes[0].weight = 3;
    let consul = Consul::start(&nodes).await;
    let channel = Balance::default()
        .policy(Policy::WeightedRoundRobin)
        .connect(&consul.target(SRV));
    all_in(&channel, &backends).await;
    assert_eq!(spread(&channel, &backends, 100).await, [75, 25]);
}

#[tokio::test]
async fn a_change_is_seen_and_a_failure_changes_nothing() {
    let backends = backends::<3>();
    let nodes = backends.each_ref().map(node);
    let consul = Consul::start(&nodes[..2]).await;
    let channel = connect(&consul, SRV);
    eventually("the two are in", async || {
        spread(&channel, &backends, 10).await == [5, 5, 0]
    })
    .await;
    consul.answers().nodes = nodes[1..].to_vec();
    eventually("the first has left, the third has come", async || {
        spread(&channel, &backends, 10).await == [0, 5, 5]
    })
    .await;
    for code in [
        ResponseCode::ServFail,
        ResponseCode::NXDomain,
        ResponseCode::NoError,
    ] {
        consul.answers().code = Some(code);
        asked_again(&consul).await;
        assert_eq!(spread(&channel, &backends, 10).await, [0, 5, 5], "{code}");
    }
    let address = consul.address;
    drop(consul);
    fail_a_lookup(address).await;
    assert_eq!(spread(&channel, &backends, 10).await, [0, 5, 5]);
}

#[tokio::test]
async fn a_plain_channel_asks_when_it_connects() {
    let [backend] = backends::<1>();
    let gone = Node::at([127, 0, 0, 1], 1);
    let consul = Consul::start(&[gone, node(&backend)]).await;
    let channel = client::channel(&consul.target(SRV));
    // A connection may take longer than its limit of 1 s.
    eventually("a call gets through", async || {
        code(channel.clone(), request()).await == Code::Ok
    })
    .await;
    assert_eq!(backend.calls(), 1);
}
