//! Which page explains what a panel shows.

use serde_json::{Value, json};

use super::PAGES;

/// A dashboard, the title of a row or of a panel in it, and the page about its mechanism.
const PANELS: [(&str, &str, &str); 21] = [
    ("start", "p95 by service", "exemplars"),
    ("rpc-overview", "How long does it take?", "exemplars"),
    ("rpc-overview", "p50, p90 and p99", "exemplars"),
    ("rpc-overview", "How is the work spread?", "balancing"),
    ("call-path", "Who calls whom?", "trace-context"),
    ("call-path", "Who gives up?", "deadlines"),
    ("call-path", "Latest traces", "sampling"),
    ("call-path", "Latest log lines", "access-log"),
    ("calls-that-survive", "What do retries do?", "retries"),
    ("calls-that-survive", "Do callers notice?", "retries"),
    (
        "calls-that-survive",
        "Which breakers are open?",
        "circuit-breaker",
    ),
    ("calls-that-survive", "How are calls balanced?", "balancing"),
    ("calls-that-survive", "Refused for who they are", "tokens"),
    ("calls-that-survive", "Refused for how much", "limits"),
    ("calls-that-survive", "Certificates expire in", "mutual-tls"),
    (
        "calls-that-survive",
        "Is the work after the answer done?",
        "outbox",
    ),
    ("telemetry-health", "Does every span arrive?", "ledger"),
    ("telemetry-health", "Unaccounted", "ledger"),
    ("telemetry-health", "Spans lost", "ledger"),
    ("telemetry-health", "Targets", "health"),
    ("telemetry-health", "Do dots lead to traces?", "exemplars"),
];

/// The dashboard, with `"learn": {"title": …, "href": …}` at the panels and rows that have a page.
pub(in crate::web) fn with_pages(dashboard: &Value) -> Value {
    let mut dashboard = dashboard.clone();
    let uid = dashboard["uid"].clone();
    for panel in dashboard["panels"].as_array_mut().into_iter().flatten() {
        let found = PANELS
            .iter()
            .find(|(own, title, _)| uid == *own && panel["title"] == *title);
        if let Some((_, _, page)) = found {
            let path = format!("docs/mechanisms/{page}.md");
            let title = PAGES.get(path.as_str()).map(|document| &document.title);
            panel["learn"] = json!({ "title": title, "href": format!("/learn/{path}") });
        }
    }
    dashboard
}

#[cfg(test)]
mod tests {
    use super::{PANELS, with_pages};
    use crate::web::files;

    #[test]
    fn every_panel_and_every_page_exists() {
        let dashboards: Vec<_> = files().map(with_pages).collect();
        let panels = dashboards
            .iter()
            .flat_map(|it| it["panels"].as_array().unwrap());
        let pages: Vec<_> = panels.filter_map(|panel| panel.get("learn")).collect();
        assert_eq!(pages.len(), PANELS.len());
        for page in pages {
            assert!(page["title"].is_string(), "{page}");
        }
    }
}
