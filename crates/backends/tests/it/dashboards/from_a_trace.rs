//! From a span in the Jaeger UI to the panels of its method.

use super::{
    every_panel::keep_picture,
    metrics::Metrics,
    panels::{Panels, texts},
};
use crate::{
    support::{
        backend::Backend,
        spans::{child_of, now, service, span, text},
    },
    traces::logs::{export, record},
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span, span::SpanKind};
use test_support::browser::Browser;

/// A call of `GetUser` from the gateway to `user`.
fn call() -> Vec<ResourceSpans> {
    let method = |kind: SpanKind, span: Span| Span {
        name: "user.v1.UserService/GetUser".to_owned(),
        kind: kind.into(),
        attributes: vec![text("rpc.method", "user.v1.UserService/GetUser")],
        ..span
    };
    vec![
        service("gateway", vec![method(SpanKind::Client, span(1, 1))]),
        service(
            "user",
            vec![method(SpanKind::Server, child_of(1, span(1, 2)))],
        ),
    ]
}

/// What links to panels; the attributes of one span are open.
const LINK: &str = "[...document.querySelectorAll('a[href*=\"/method?\"]')]";

#[tokio::test]
async fn a_trace_leads_to_its_log_lines_and_they_lead_back() {
    let store = backends::TraceStore::default();
    let panels = Panels::start(store.clone(), &Metrics::default()).await;
    let backend = Backend::over(store, Some(panels.address)).await;
    backend.export(call()).await;
    for (trace, said) in [(1, "of this one"), (2, "of another")] {
        export(&backend, vec![record(trace, 2, now() / 1_000, said)]).await;
    }
    let browser = Browser::launch().await;
    let page = browser.open(&format!("{}/trace/1", backend.url)).await;
    let anchors = "[...document.querySelectorAll('a[href*=\"var-trace=\"]')]";
    page.wait_until(&format!("{anchors}.length > 0")).await;
    let address = texts(&page, &format!("{anchors}.map(link => link.href)")).await;
    let page = browser.open(&address[0]).await;
    page.wait_for_text("of this one").await;
    let lines = texts(
        &page,
        "[...document.querySelectorAll('.lines .said')].map(it => it.textContent)",
    );
    assert_eq!(lines.await.len(), 1);
    let back = "[...document.querySelectorAll('.lines a[target]')].map(link => link.href)";
    assert!(texts(&page, back).await[0].contains("/trace/"));
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());
}

#[tokio::test]
async fn the_method_of_a_span_leads_to_its_panels_at_its_server() {
    let store = backends::TraceStore::default();
    let panels = Panels::start(store.clone(), &Metrics::default()).await;
    let backend = Backend::over(store, Some(panels.address)).await;
    backend.export(call()).await;
    let browser = Browser::launch().await;
    let page = browser.open(&format!("{}/trace/1", backend.url)).await;
    page.wait_until("document.querySelectorAll('.span-row').length === 2")
        .await;
    page.evaluate("document.querySelector('.span-row .span-view').click()")
        .await;
    page.wait_for_text("Tags").await;
    page.evaluate("document.querySelector('.AccordianKeyValues--header')?.click()")
        .await;
    page.wait_until(&format!("{LINK}.length === 1")).await;
    keep_picture(&page, "method").await;
    let address = texts(&page, &format!("{LINK}.map(link => link.href)")).await;
    assert_eq!(page.complaints(&backend.url), Vec::<String>::new());
    let page = browser.open(&address[0]).await;
    page.wait_until(
        "location.pathname === '/d/rpc-overview' && location.search \
         === '?from=now-5m&to=now&var-service_name=user&var-method=GetUser'",
    )
    .await;
    page.wait_for_text("Service user").await;
    page.wait_for_text("Method GetUser").await;
    assert_eq!(page.complaints(&panels.url), Vec::<String>::new());
}
