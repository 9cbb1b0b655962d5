//! Many mixed calls at once, some of them cancelled: what the callers saw, the samples and the
//! spans agree to the last call, and every SERVER span hangs below the CLIENT span that made it.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use crate::support::{
    CLIENT_DURATION, Fixture, SERVER_DURATION, attribute,
    echo::{Running, call, open, words},
};
use grpc_wire::code_name;
use http::Request;
use opentelemetry::trace::{SpanId, SpanKind};
use opentelemetry_sdk::trace::SpanData;
use tokio::task::JoinSet;
use tonic::{Code, body::Body, transport::Channel};
use tonic_telemetry::client_layer::TraceClient;
use tower::{Layer as _, ServiceExt};

const CALLS: usize = 1200;

/// The calls by status code.
type Counts = BTreeMap<String, u64>;

/// One of the calls, and the code with which its caller sees it end.
async fn nth_call(mut client: TraceClient<Channel>, n: usize) -> Code {
    let method = ["Say", "Watch", "Upload", "Chat"][n % 4];
    let word = ["ok", "not found", "internal", "span", "leave"][n % 5];
    if word == "leave" {
        // A channel makes callers wait while it is full: who leaves then has not called at all.
        let ready = ServiceExt::<Request<Body>>::ready(&mut client).await;
        ready.expect("the server is there");
        // Leaves at any time: before the request is sent, under way, or with the answer here.
        let delay = Duration::from_millis(3) * u32::try_from(n % 81).expect("below 81") / 81;
        let call = open(client, method, words(&["hang"]));
        let seen = tokio::time::timeout(delay, call).await.map(drop);
        assert!(seen.is_err() || method != "Say", "nobody answers");
        return Code::Cancelled;
    }
    let (_, ended) = call(client, method, words(&[word])).await;
    ended.map_or_else(|status| status.code(), |()| Code::Ok)
}

fn by_code(spans: &[SpanData]) -> Counts {
    let mut counts = Counts::new();
    for span in spans {
        let code = attribute(span, "rpc.response.status_code");
        *counts.entry(code).or_default() += 1;
    }
    counts
}

fn samples(fixture: &Fixture, name: &str) -> Counts {
    let samples = fixture.samples(name).into_iter();
    samples.map(|(code, (count, _))| (code, count)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_samples_and_spans_agree_after_many_mixed_calls() {
    let fixture = Fixture::new();
    let server = Running::start(&fixture).await;
    let client = fixture.client_layer().layer(server.channel());

    let mut calls = JoinSet::new();
    for n in 0..CALLS {
        calls.spawn(nth_call(client.clone(), n));
    }
    let mut seen = Counts::new();
    for code in calls.join_all().await {
        *seen.entry(code_name(code).to_owned()).or_default() += 1;
    }

    let clients = fixture.wait_for(SpanKind::Client, CALLS).await;
    assert_eq!(by_code(&clients), seen);
    assert_eq!(samples(&fixture, CLIENT_DURATION), seen);

    // Some of those who left did so before the request went out: it never started here.
    let started = fixture.series("grpc_rpc_started_total");
    let started = started
        .iter()
        .map(|series| series.get_counter().get_value());
    let started: f64 = started.sum();
    let mut servers = fixture.wait_for(SpanKind::Server, 1).await;
    while f64::from(u32::try_from(servers.len()).expect("fewer calls")) < started {
        servers = fixture.wait_for(SpanKind::Server, servers.len() + 1).await;
    }
    assert_eq!(samples(&fixture, SERVER_DURATION), by_code(&servers));
    assert_parents(&clients, &servers);
}

/// Each SERVER span is the only child of a CLIENT span, and of the same trace.
fn assert_parents(clients: &[SpanData], servers: &[SpanData]) {
    let clients: HashMap<SpanId, &SpanData> = clients
        .iter()
        .map(|span| (span.span_context.span_id(), span))
        .collect();
    let mut children: HashMap<SpanId, usize> = HashMap::new();
    for server in servers {
        let client = clients[&server.parent_span_id];
        let (parent, child) = (&client.span_context, &server.span_context);
        assert_eq!(parent.trace_id(), child.trace_id());
        *children.entry(server.parent_span_id).or_default() += 1;
    }
    assert!(children.values().all(|children| *children == 1));
}
