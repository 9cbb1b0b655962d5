//! What the page and the documents are, and where they lead.

mod colours;

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
    routing::get,
};
use serde_json::Value;
use tower::ServiceExt;

use super::{Site, router};
use crate::traces::TraceStore;

/// Status, content type and text of what is at the path.
async fn at(path: &str) -> (StatusCode, String, String) {
    at_site(path, Some(([127, 0, 0, 1], 4003).into())).await
}

/// With the gateway of a chain at this address, or without a chain.
async fn at_site(path: &str, http: Option<SocketAddr>) -> (StatusCode, String, String) {
    let site = Site {
        store: TraceStore::default(),
        jaeger: ([127, 0, 0, 1], 4001).into(),
        prometheus: ([127, 0, 0, 1], 4002).into(),
        http,
        scrape_interval: Duration::from_secs(2),
    };
    let prometheus = Router::new().route("/api/v1/query", get(async || "answered"));
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = router(&site, prometheus).oneshot(request).await.unwrap();
    let kind = &answer.headers()[header::CONTENT_TYPE];
    let kind = kind.to_str().unwrap().to_owned();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_page_is_at_the_root_and_at_each_dashboard() {
    for path in [
        "/",
        "/query?g0.expr=up",
        "/d/start",
        "/d/slo?from=now-1h&to=now",
        "/d/slo/slo",
    ] {
        let (status, kind, page) = at(path).await;
        assert_eq!(status, 200, "{path}");
        assert_eq!(kind, "text/html; charset=utf-8");
        assert!(page.contains("/assets/main.js"), "{path}");
    }
    assert_eq!(at("/d/nothing").await.0, 404);
    assert_eq!(at("/d/nothing/slo").await.0, 404);
}

#[tokio::test]
async fn without_a_chain_the_dashboards_about_it_are_left_out() {
    let (_, _, answer) = at_site("/dashboards", None).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let uids = answer["dashboards"].as_array().unwrap().iter();
    let uids: Vec<_> = uids.map(|it| it["uid"].as_str().unwrap()).collect();
    assert_eq!(
        uids,
        ["rpc-overview", "calls-that-survive", "telemetry-health"]
    );
    for named in ["\"gateway\\", "\"user\\", "\"profile\\", "tracewalk."] {
        assert!(!answer.to_string().contains(named), "{named}");
    }
}

#[tokio::test]
async fn every_file_that_the_page_names_is_served_with_its_kind() {
    let (_, _, page) = at("/").await;
    let names = page.split('"').filter(|text| text.starts_with("/assets/"));
    let mut count = 0;
    for name in names {
        let (status, kind, _) = at(name).await;
        assert_eq!(status, 200, "{name}");
        assert_ne!(kind, "application/octet-stream", "{name}");
        count += 1;
    }
    assert!(count >= 5, "{page}");
}

#[tokio::test]
async fn the_dashboards_name_the_addresses_of_this_stack() {
    let (_, kind, text) = at("/dashboards").await;
    assert_eq!(kind, "application/json");
    for usual in ["127.0.0.1:16686", "127.0.0.1:9090", "127.0.0.1:8080"] {
        assert!(!text.contains(usual), "{usual}");
    }
    assert!(!text.contains("alerts in Prometheus"));
    assert!(text.contains("(/learn/docs/runbooks/README.md)"));
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["site"]["jaeger"], "http://127.0.0.1:4001");
    assert_eq!(answer["site"]["scrape_seconds"], 2.0);
    assert_eq!(answer["dashboards"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn links_lead_to_the_host_that_the_page_was_opened_with() {
    let everywhere = |port: u16| SocketAddr::from(([0, 0, 0, 0], port));
    let site = Site {
        store: TraceStore::default(),
        jaeger: everywhere(4001),
        prometheus: everywhere(4002),
        http: Some(everywhere(4003)),
        scrape_interval: Duration::from_secs(2),
    };
    let request = Request::get("/dashboards").header(header::HOST, "demo.example:3000");
    let request = request.body(Body::empty()).unwrap();
    let answer = router(&site, Router::new()).oneshot(request).await.unwrap();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(!text.contains("0.0.0.0"), "nobody can open it");
    for port in [4001, 4002, 4003] {
        let address = format!("demo.example:{port}");
        assert!(text.contains(&address), "{address}");
    }
}

#[tokio::test]
async fn metrics_and_traces_are_asked_of_the_same_origin() {
    assert_eq!(at("/api/v1/query").await.2, "answered");
    let (status, _, text) = at("/jaeger/api/services").await;
    assert_eq!(status, 200);
    assert!(text.starts_with("{\"data\":[]"), "{text}");
}

#[tokio::test]
async fn the_documents_are_pages() {
    let (status, kind, page) = at("/learn/docs/glossary.md").await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::OK, "text/html; charset=utf-8")
    );
    assert!(page.contains("<h1 id=\"glossary\">Glossary</h1>"), "{page}");
    assert!(page.contains("href=\"/learn/docs/runbooks/high-latency.md\""));
    assert!(!page.contains(" style="), "the policy forbids it");
    let (status, kind, _) = at("/learn/docs/nothing.md").await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::NOT_FOUND, "text/html; charset=utf-8")
    );
}

#[tokio::test]
async fn an_address_without_a_method_or_a_trace_is_refused_with_a_reason() {
    for (query, reason) in [
        ("trace=1", "missing field `name`"),
        ("name=a.B/C", "missing field `trace`"),
        (
            "name=a.B/C&trace=x",
            "trace: a trace id is 1 to 32 hexadecimal digits",
        ),
    ] {
        let (status, _, text) = at(&format!("/method?{query}")).await;
        assert_eq!(status, 400, "{query}");
        assert!(text.contains(reason), "{query}: {text}");
    }
}
