//! From a span in the Jaeger UI to the panels of its method.

use super::{
    every_panel::keep_picture,
    metrics::Metrics,
    panels::{Panels, texts},
};
use crate::support::{
    backend::Backend,
    spans::{child_of, service, span, text},
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
