//! A real Jaeger in the place of the embedded store: spans and logs in, its API and its sampling out.

mod jaeger;
mod relayed;
mod scale_out;
mod sink;
mod slow_store;

use std::collections::{BTreeMap, BTreeSet};

use http_body_util::Full;
use hyper::Request;
use serde_json::Value as Json;

use crate::support::{Demo, Ledger, get, request, until};
use jaeger::{Jaeger, ROOMY};

#[tokio::test]
async fn the_real_jaeger_has_the_tree_of_a_call_and_the_graph_and_the_exemplars() {
    let jaeger = Jaeger::start(ROOMY, 1.0).await;
    let demo = Demo::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp)]).await;
    let mut caller = demo.caller().await;
    let seen = caller.get("1").await;
    // A server's span at each hop, a call and its attempt at two.
    let spans = jaeger.spans(&seen.trace_id, 7).await;
    let ids: BTreeSet<_> = spans
        .iter()
        .map(|span| span["spanID"].to_string())
        .collect();
    let parent = |span: &Json| span["references"][0]["spanID"].to_string();
    let roots: Vec<_> = spans
        .iter()
        .filter(|span| !ids.contains(&parent(span)))
        .collect();
    assert_eq!(roots.len(), 1, "{roots:?}");
    assert_eq!(
        roots[0]["operationName"],
        "tracewalk.gateway.v1.GatewayService/GetUser"
    );

    let path = "/api/traces?service=profile&tags=%7B%22rpc.response.status_code%22%3A%22OK%22%7D";
    until("the search finds it", async || {
        let found = jaeger.ask(path).await?;
        found.to_string().contains(&seen.trace_id).then_some(())
    })
    .await;
    until("a graph that counts the parents of the spans", async || {
        let path = format!("/api/traces/{}", seen.trace_id);
        let trace = jaeger.ask(&path).await?[0].take();
        let graph = jaeger.ask("/api/dependencies").await?;
        let arrows: BTreeMap<_, _> = graph.as_array()?.iter().map(arrow).collect();
        (arrows.len() >= 3 && arrows == parents(&trace)).then_some(())
    })
    .await;
    exemplars_are_traces(&demo, &jaeger).await;
}

fn arrow(arrow: &Json) -> ((String, String), u64) {
    let name = |key: &str| arrow[key].as_str().unwrap_or_default().to_owned();
    (
        (name("parent"), name("child")),
        arrow["callCount"].as_u64().unwrap_or_default(),
    )
}

/// How many spans of each service have a parent of each service. Where both are one service it is no
/// call, and an arrow of Jaeger's graph all the same.
fn parents(trace: &Json) -> BTreeMap<(String, String), u64> {
    let spans = trace["spans"].as_array().into_iter().flatten();
    let service = |span: &Json| {
        let process = span["processID"].as_str().unwrap_or_default();
        let name = trace["processes"][process]["serviceName"].as_str();
        name.unwrap_or_default().to_owned()
    };
    let services: BTreeMap<_, _> = spans
        .clone()
        .map(|span| (span["spanID"].to_string(), service(span)))
        .collect();
    let mut counts = BTreeMap::new();
    for span in spans {
        let parent = span["references"][0]["spanID"].to_string();
        if let Some(parent) = services.get(&parent) {
            *counts.entry((parent.clone(), service(span))).or_default() += 1;
        }
    }
    counts
}

/// Every exemplar of the gateway names a trace that Jaeger has.
async fn exemplars_are_traces(demo: &Demo, jaeger: &Jaeger) {
    let admin = demo.gateway.address("admin").await;
    let page = Request::get(format!("http://{admin}/metrics"))
        .header("accept", "application/openmetrics-text;version=1.0.0");
    let page = request(page.body(Full::default()).expect("a request"))
        .await
        .body;
    let ids = page.split("# {trace_id=\"").skip(1);
    let ids: BTreeSet<_> = ids.filter_map(|rest| rest.split('"').next()).collect();
    assert!(!ids.is_empty());
    for id in ids {
        let path = format!("/api/traces/{id}");
        until("the trace of an exemplar", async || jaeger.ask(&path).await).await;
    }
}

#[tokio::test]
async fn the_real_jaeger_says_how_often_to_sample() {
    let jaeger = Jaeger::start(ROOMY, 0.0).await;
    let argument = format!(
        "endpoint=http://{},pollingIntervalMs=100,initialSamplingRate=1",
        jaeger.sampling
    );
    let demo = Demo::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp),
        ("OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote"),
        ("OTEL_TRACES_SAMPLER_ARG", &argument),
    ])
    .await;
    let url = format!("http://{}/v1/users/1", demo.http().await);
    until("a call that is not sampled", async || {
        let answer = get(&url).await;
        assert_eq!(answer.status, 200);
        answer
            .header("traceresponse")
            .ends_with("-00")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn no_span_is_lost_while_the_real_jaeger_restarts() {
    let mut jaeger = Jaeger::start(ROOMY, 1.0).await;
    let demo = Demo::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp)]).await;
    let mut caller = demo.caller().await;
    caller.get("1").await;
    jaeger.stop();
    let missed = caller.get("2").await;
    jaeger.run().await;
    jaeger.spans(&missed.trace_id, 7).await;
    for service in demo.services() {
        assert_eq!(Ledger::of(service).await.lost(), 0, "{}", service.name);
    }
}

#[tokio::test]
async fn spans_that_the_real_jaeger_has_no_memory_for_are_counted() {
    // It refuses all: the process alone takes more.
    let jaeger = Jaeger::start("{check_interval: 100ms, limit_mib: 4}", 1.0).await;
    let mut demo = Demo::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &jaeger.otlp),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
    ])
    .await;
    let mut caller = demo.caller().await;
    for _ in 0..100 {
        assert_eq!(caller.get("1").await.code, tonic::Code::Ok);
    }
    assert!(Ledger::of(&demo.gateway).await.lost() > 0);
    assert_eq!(demo.stop().await, [Some(0); 3]);
    assert_eq!(jaeger.ask("/api/services").await, Some(Json::Null));
}
