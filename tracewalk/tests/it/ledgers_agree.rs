//! What callers count, what `/metrics` counts and what the collector counts is the same.

use std::collections::BTreeMap;

use crate::support::{Caller, Demo, RELAYED, Seen, Span};
use grpc_wire::code_name;

const CALLERS: usize = 8;
/// More where there is time: 10,240 calls instead of 640.
const ROUNDS: usize = if cfg!(feature = "external") { 160 } else { 10 };

/// Calls a caller makes in a round: one of each kind, and three that are refused.
const KINDS: usize = 8;

const SERVICES: [&str; 3] = [
    "tracewalk.gateway.v1.GatewayService",
    "tracewalk.user.v1.UserService",
    "tracewalk.profile.v1.ProfileService",
];

#[tokio::test]
async fn clients_histograms_and_spans_count_the_same_calls() {
    let mut demo = Demo::start().await;
    let seen = mixed_calls(&demo).await;
    assert_eq!(seen.len(), CALLERS * ROUNDS * KINDS);

    let of_clients = codes(seen.iter().map(|seen| code_name(seen.code)));
    let mut of_histograms = Vec::new();
    for (process, service) in demo.services().into_iter().zip(SERVICES) {
        let metrics = process.metrics().await;
        let codes = metrics.codes("grpc_rpc_duration_seconds_count", service);
        let started = metrics.sum("grpc_rpc_started_total", &[("service", service)])
            - metrics.sum("grpc_rpc_started_total", &[("method", RELAYED)]);
        assert_eq!(
            codes.values().sum::<u64>(),
            started,
            "{service}: nothing is in flight"
        );
        of_histograms.push(codes);
    }
    assert_eq!(of_histograms[0], of_clients);

    assert_eq!(demo.stop().await, [Some(0); 3]);
    for (service, histogram) in ["gateway", "user", "profile"]
        .into_iter()
        .zip(&of_histograms)
    {
        let spans = demo.collector.spans();
        let servers = spans
            .iter()
            .filter(|span| span.service == service && span.kind == "SERVER")
            .filter(|span| !span.name.ends_with(RELAYED));
        let of_spans = codes(servers.map(|span| span.attribute("rpc.response.status_code")));
        assert_eq!(&of_spans, histogram, "{service}");
    }
    every_trace_is_whole(&demo, &seen);
}

/// One root, no orphan, and one trace a call.
fn every_trace_is_whole(demo: &Demo, seen: &[Seen]) {
    let traces = demo.collector.traces();
    assert_eq!(traces.len(), seen.len());
    for call in seen {
        let trace = &traces[&call.trace_id];
        assert_eq!(trace.roots().len(), 1, "{}", trace.tree());
        assert_eq!(trace.roots()[0].parent, "", "{}", trace.tree());
        // A CLIENT span for each hop, its one attempt below, and the SERVER span below that.
        for (caller, callee) in [("gateway", "user"), ("user", "profile")] {
            let clients = trace
                .of(caller, "CLIENT")
                .filter(|span| span.name.contains('/'));
            assert_eq!(ids(clients), parents(trace.of(caller, "INTERNAL")));
            assert_eq!(
                ids(trace.of(caller, "INTERNAL")),
                parents(trace.of(callee, "SERVER")),
                "{}",
                trace.tree()
            );
        }
    }
}

fn ids<'a>(spans: impl Iterator<Item = &'a Span>) -> Vec<&'a str> {
    spans.map(|span| span.id.as_str()).collect()
}

fn parents<'a>(spans: impl Iterator<Item = &'a Span>) -> Vec<&'a str> {
    spans.map(|span| span.parent.as_str()).collect()
}

async fn mixed_calls(demo: &Demo) -> Vec<Seen> {
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..CALLERS {
        let caller = demo.caller().await;
        callers.spawn(rounds(caller, number));
    }
    callers.join_all().await.concat()
}

async fn rounds(mut caller: Caller, number: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    for round in 0..ROUNDS {
        let email = |kind: &str| format!("{kind}-{number}-{round}@test.example");
        seen.push(caller.get("7").await);
        seen.push(caller.get("nobody").await);
        seen.push(caller.get("not an id").await);
        seen.push(caller.create(&email("one")).await);
        seen.push(caller.create("no address").await);
        seen.push(caller.watch("8", 2).await);
        seen.push(caller.import(&[&email("a"), &email("b")]).await);
        seen.push(caller.lookup(&["1", "nobody", "3"]).await);
    }
    seen
}

fn codes<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
    let mut codes = BTreeMap::new();
    for name in names {
        *codes.entry(name.to_owned()).or_default() += 1;
    }
    codes
}
