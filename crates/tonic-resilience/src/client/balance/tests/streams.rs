//! Many calls at a time to one server.

use http::Request;
use http_body_util::Full;
use tokio::task::JoinSet;
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt;

use super::{
    super::{Balance, BalanceMetrics, Balanced},
    target,
};
use crate::{
    server::Server,
    stack::Refused,
    testing::{
        backend::{Backend, FLOOD, HANG, eventually},
        call, code, metric, request,
    },
};

fn to(path: &'static str) -> Request<Body> {
    let mut request = request();
    *request.uri_mut() = http::Uri::from_static(path);
    request
}

/// Calls that are not answered, until they are dropped.
async fn hang(channel: &Balanced, backend: &Backend, calls: usize) -> JoinSet<()> {
    let before = backend.calls();
    let mut hanging = JoinSet::new();
    for _ in 0..calls {
        let call = call(channel.clone(), to(HANG));
        hanging.spawn(async move { drop(call.await) });
    }
    eventually("all reach the server", async || {
        backend.calls() == before + calls
    })
    .await;
    hanging
}

#[tokio::test]
async fn calls_fill_connections_and_one_more_than_fits_is_refused_here() {
    let registry = prometheus::Registry::new();
    let metrics = BalanceMetrics::new(&registry).expect("a new registry");
    let backend = Backend::start();
    let channel = Balance::default()
        .max_calls(198)
        .metrics("user", &metrics)
        .connect(&target(std::slice::from_ref(&backend)));
    let mut hanging = hang(&channel, &backend, 198).await;

    let refused = call(channel.clone(), request()).await;
    assert!(refused.extensions().get::<Refused>().is_some());
    let status = Status::from_header_map(refused.headers()).expect("a refusal");
    assert_eq!(status.code(), Code::ResourceExhausted);
    let details = status.get_error_details();
    assert_eq!(
        details.error_info().expect("a reason").reason,
        "STREAMS_EXHAUSTED"
    );
    assert!(details.retry_info().is_some());
    assert_eq!(metric(&registry, "grpc_client_streams_exhausted_total"), 1);
    assert_eq!(backend.calls(), 198);

    hanging.abort_all();
    while hanging.join_next().await.is_some() {}
    assert_eq!(code(channel, request()).await, Code::Ok);
}

#[tokio::test]
async fn a_server_that_allows_few_streams_gets_more_connections() {
    let backend = Backend::start_with(Server::default().max_concurrent_streams(10));
    let channel = Balance::default().connect(&target(std::slice::from_ref(&backend)));
    let _hanging = hang(&channel, &backend, 50).await;
    assert_eq!(code(channel, request()).await, Code::Ok);
}

#[tokio::test]
async fn messages_that_nobody_reads_hold_up_no_other_call() {
    let backend = Backend::start();
    let channel = Balance::default().connect(&target(std::slice::from_ref(&backend)));
    let mut unread = Vec::new();
    for _ in 0..10 {
        unread.push(call(channel.clone(), to(FLOOD)).await);
    }
    let mut unheard = JoinSet::new();
    for _ in 0..10 {
        let upload = to(HANG).map(|_| Body::new(Full::from(vec![0; 4 << 20])));
        let call = call(channel.clone(), upload);
        unheard.spawn(async move { drop(call.await) });
    }
    eventually("all reach the server", async || backend.calls() == 20).await;
    let answered =
        tokio::time::timeout(std::time::Duration::from_secs(60), code(channel, request()));
    assert_eq!(answered.await, Ok(Code::Ok));
}
