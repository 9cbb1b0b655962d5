//! The steps of Prometheus, Grafana and the dashboards, each broken in turn.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::ClosedPort;

use super::{
    parts::{grafana, not_found, ok, prometheus},
    site::{Answer, Site},
    stack::{Checked, Stack},
};

/// Checks with a Prometheus and a Grafana that answer as `change` says, or else as they should.
async fn check(stack: &Stack, change: fn(&str) -> Option<Answer>) -> Checked {
    let trace_id = stack.address("first_trace").to_owned();
    let prometheus =
        Site::start(move |path| change(path).unwrap_or_else(|| prometheus(path, &trace_id))).await;
    let grafana = Site::start(move |path| change(path).unwrap_or_else(|| grafana(path))).await;
    let words = [
        "--prometheus",
        &prometheus.address,
        "--grafana",
        &grafana.address,
        // Nothing of what is missing will come.
        "--patience",
        "5s",
    ];
    stack.check(&words).await
}

/// What a part answers instead of the truth, to the paths that it concerns.
type Change = fn(&str) -> Option<Answer>;

#[tokio::test]
async fn all_steps_hold_when_every_part_is_there() {
    let stack = Stack::start("0").await;
    let checked = check(&stack, |_| None).await;
    assert_eq!(
        (checked.named(), checked.code),
        (("", ""), Some(0)),
        "{:#}",
        checked.report
    );
    let steps = checked.report["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|step| step["state"] == "holds"),
        "{:#}",
        checked.report
    );
}

#[tokio::test]
async fn a_part_whose_address_was_given_is_never_left_out() {
    let stack = Stack::start("0").await;
    let nobody = ClosedPort::new();
    let checked = stack
        .check(&["--prometheus", &nobody.address, "--without", "grafana"])
        .await;
    checked.expect_broken("prometheus", "prometheus");
    let trace_id = stack.address("first_trace").to_owned();
    let prometheus = Site::start(move |path| prometheus(path, &trace_id)).await;
    let words = [
        "--prometheus",
        &prometheus.address,
        "--grafana",
        &nobody.address,
    ];
    stack
        .check(&words)
        .await
        .expect_broken("grafana", "grafana");
}

#[tokio::test]
async fn what_prometheus_does_not_have_is_named() {
    let stack = Stack::start("0").await;
    let cases: [(&str, &str, Change); 3] = [
        ("prometheus", "prometheus", |path| {
            let empty = json!({ "data": { "activeTargets": [] } });
            path.starts_with("/api/v1/targets").then(|| ok(&empty))
        }),
        ("stored exemplars", "prometheus", |path| {
            let none = json!({ "data": [] });
            path.starts_with("/api/v1/query_exemplars")
                .then(|| ok(&none))
        }),
        ("rules", "prometheus", |path| {
            let none = json!({ "data": { "groups": [] } });
            path.starts_with("/api/v1/rules").then(|| ok(&none))
        }),
    ];
    join_all(cases.map(async |(step, part, change)| {
        let checked = check(&stack, change).await;
        assert_eq!(checked.named(), (step, part), "{:#}", checked.report);
        assert_eq!(checked.code, Some(1));
    }))
    .await;
}

#[tokio::test]
async fn what_grafana_does_not_reach_or_have_is_named() {
    let stack = Stack::start("0").await;
    let cases: [(&str, &str, Change); 5] = [
        ("grafana", "loki", |path| {
            let refused = || (502, "Bad Gateway".to_owned());
            path.starts_with("/api/datasources/proxy/uid/loki")
                .then(refused)
        }),
        ("grafana", "grafana", |path| {
            (path == "/api/dashboards/uid/slo").then(|| (404, "{}".to_owned()))
        }),
        ("logs", "loki", |path| {
            let none = json!({ "data": { "result": [] } });
            path.contains("/loki/api/v1/query_range").then(|| ok(&none))
        }),
        // Lines of the others, or of calls before, are not those of this call.
        ("logs", "user", |path| {
            let stream =
                |name| json!({ "stream": { "service_name": name }, "values": [["0", ""]] });
            let streams = ["gateway", "profile"].map(stream);
            let some = json!({ "data": { "result": streams } });
            path.contains("trace%5Fid").then(|| ok(&some))
        }),
        ("panels", "dashboard call-path", |path| {
            let none = json!({ "data": { "result": [] } });
            let asked = path.contains("/loki/api/v1/query_range") && !path.contains("trace%5Fid");
            asked.then(|| ok(&none))
        }),
    ];
    join_all(cases.map(async |(step, part, change)| {
        check(&stack, change).await.expect_broken(step, part);
    }))
    .await;
}

/// A page of the dashboards that has everything.
fn page(path: &str) -> Answer {
    let dashboards = [
        "start",
        "rpc-overview",
        "call-path",
        "calls-that-survive",
        "slo",
        "telemetry-health",
    ];
    match path {
        "/dashboards" => {
            let listed = dashboards.map(|uid| json!({ "uid": uid }));
            ok(&json!({ "dashboards": listed }))
        }
        "/assets/main.js" => (200, "draw()".to_owned()),
        "/api/v1/labels" | "/jaeger/api/services" => ok(&json!({ "data": [] })),
        _ if path.starts_with("/d/") => (200, "<script src=\"/assets/main.js\">".to_owned()),
        _ => not_found(),
    }
}

#[tokio::test]
async fn what_the_page_of_the_dashboards_does_not_have_is_named() {
    let stack = Stack::start("0").await;
    let cases: [(&str, Change); 6] = [
        ("/dashboards: HTTP 404", |path| {
            (path == "/dashboards").then(not_found)
        }),
        ("it does not", |path| {
            let listed = json!({ "dashboards": [{ "uid": "start" }] });
            (path == "/dashboards").then(|| ok(&listed))
        }),
        ("/d/slo: HTTP 404", |path| {
            (path == "/d/slo").then(not_found)
        }),
        ("/assets/main.js: HTTP 404", |path| {
            (path == "/assets/main.js").then(not_found)
        }),
        ("/api/v1/labels: HTTP 502", |path| {
            (path == "/api/v1/labels").then(|| (502, "nobody".to_owned()))
        }),
        ("/jaeger/api/services: HTTP 502", |path| {
            (path == "/jaeger/api/services").then(|| (502, "nobody".to_owned()))
        }),
    ];
    join_all(cases.map(async |(found, change)| {
        let page = Site::start(move |path| change(path).unwrap_or_else(|| page(path))).await;
        let words = ["--native", "--dashboards-page", &page.address];
        let checked = stack.check(&words).await;
        checked.expect_broken("dashboards", "dashboards");
        let steps = checked.report["steps"].as_array().unwrap();
        let broken = steps.iter().find(|step| step["state"] == "broken").unwrap();
        let said = format!("{}: {}", broken["expected"], broken["found"]).replace('"', "");
        assert!(said.contains(found), "{said}");
        assert_eq!(checked.state("panels"), "not_checked");
    }))
    .await;
}
