//! Rules and alerts: with the same page and the same rules, both APIs give the same answers.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use test_support::DEADLINE;
use tokio::time::sleep;

use super::{prometheus::Real, trace_api::first_difference};
use crate::metrics::{server::Server, target::Page};

/// Rules with something of everything, and those of the project.
pub(super) const RULES: [(&str, &str); 4] = [
    ("rules.yml", include_str!("rules.yml")),
    (
        "alerts.yml",
        include_str!("../../../../../prometheus/rules/alerts.yml"),
    ),
    (
        "rpc.yml",
        include_str!("../../../../../prometheus/rules/rpc.yml"),
    ),
    (
        "slo.yml",
        include_str!("../../../../../prometheus/rules/slo.yml"),
    ),
];

/// The requests to both when nothing changes any more.
const QUESTIONS: &[&str] = &[
    "/api/v1/rules",
    "/api/v1/rules?type=alert",
    "/api/v1/rules?type=record",
    "/api/v1/rules?type=",
    "/api/v1/rules?type=all",
    "/api/v1/rules?exclude_alerts=true",
    "/api/v1/rules?rule_name[]=Down&rule_name[]=job:a:double",
    "/api/v1/rules?rule_group[]=second",
    "/api/v1/rules?rule_group[]=nothing",
    "/api/v1/rules?rule_name[]=nothing",
    "/api/v1/rules?type=alert&rule_group[]=second&rule_group[]=first",
    "/api/v1/rules?type=record&rule_name[]=Down",
    "/api/v1/rules?file[]=nothing",
    "/api/v1/rules?exclude_alerts=maybe",
    "/api/v1/rules?match[]={severity=\"page\"}",
    "/api/v1/rules?match[]={severity=\"page\"}&match[]={of=~\"d.*\"}",
    "/api/v1/rules?match[]={severity=\"nothing\"}",
    "/api/v1/rules?match[]={who=\"\",severity=\"page\"}",
    "/api/v1/rules?match[]={who=~\".+\"}",
    "/api/v1/rules?match[]={severity=",
    "/api/v1/rules?group_limit=1",
    "/api/v1/rules?group_limit=9",
    "/api/v1/rules?group_limit=none",
    "/api/v1/rules?group_limit=0",
    "/api/v1/rules?group_limit=1&group_next_token=nothing",
    "/api/v1/rules?group_next_token=nothing",
    "/api/v1/alerts",
    "/api/v1/query?query=ALERTS",
    "/api/v1/query?query=ALERTS_FOR_STATE>bool+0",
    "/api/v1/query?query={__name__=~\"job:.*\"}",
    "/api/v1/query?query=twice",
];

#[tokio::test]
async fn the_real_prometheus_has_the_same_rules_and_alerts() {
    let page = Page::with("a 3\nb{x=\"1\"} 1234567.5\nb{x=\"2\"} 0.25\n").await;
    let (real, ours) = (Real::start(&page.address), Server::start().await);
    for (name, text) in RULES {
        let loaded = ours.prometheus.load_rules(name, text);
        loaded.expect("Prometheus reads them too");
    }
    ours.scrape(&page.address);
    assert_same(&real, &ours).await;
    page.show("b{x=\"2\"} 0.25\n");
    assert_same(&real, &ours).await;
    page.answer_with(StatusCode::INTERNAL_SERVER_ERROR);
    assert_same(&real, &ours).await;
    page.answer_with(StatusCode::OK);
    assert_same(&real, &ours).await;
}

/// Asks both until their answers are equal, and fails after [`DEADLINE`].
async fn assert_same(real: &Real, ours: &Server) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let mut wrong = Vec::new();
        for question in QUESTIONS {
            let question = escaped(question);
            let (theirs, mine) = (real.get(&question).await, ours.get(&question).await);
            let [theirs, mine] = [theirs, mine].map(
                |(status, answer)| json!({ "status": status.as_u16(), "data": normal(answer) }),
            );
            if let Some((path, theirs, mine)) = first_difference("", &theirs, &mine) {
                wrong.push(format!(
                    "{question}\n  at {path}\n  real: {theirs}\n  ours: {mine}"
                ));
            }
        }
        if wrong.is_empty() {
            return;
        }
        let is_late = Instant::now() > deadline;
        assert!(!is_late, "{}:\n{}", wrong.len(), wrong.join("\n"));
        sleep(Duration::from_millis(200)).await;
    }
}

/// As it stands in a URL.
fn escaped(question: &str) -> String {
    let escape = |c: char| match c {
        '{' | '}' | '"' | '>' | '[' | ']' => format!("%{:02X}", u32::from(c)),
        _ => c.to_string(),
    };
    question.chars().map(escape).collect()
}

/// Without times, names of files and the order of lists.
fn normal(mut answer: Json) -> Json {
    if !answer.is_object() {
        return answer;
    }
    if answer["status"] == "error" {
        return answer["errorType"].take();
    }
    let mut data = answer["data"].take();
    clean(&mut data);
    data
}

fn clean(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            for time in ["evaluationTime", "lastEvaluation", "interval"] {
                fields.remove(time);
            }
            for since in ["activeAt", "keepFiringSince", "groupNextToken"] {
                if let Some(value) = fields.get_mut(since) {
                    *value = json!("some");
                }
            }
            if fields.contains_key("file") {
                fields.remove("file");
            }
            // Prometheus prints the tree of a query, with its matchers sorted, and not its text.
            if let Some(Json::String(query)) = fields.get_mut("query") {
                let mut letters: Vec<_> = query.chars().filter(|it| !" \n".contains(*it)).collect();
                letters.sort_unstable();
                *query = letters.into_iter().collect();
            }
            // The moment of a value.
            if let Some(value) = fields.get_mut("value").and_then(Json::as_array_mut) {
                value.remove(0);
            }
            fields.values_mut().for_each(clean);
        }
        Json::Array(items) => {
            items.iter_mut().for_each(clean);
            items.sort_by_key(Json::to_string);
        }
        // `1` and `1.0` are one number.
        Json::Number(number) => *json = json!(number.as_f64()),
        _ => {}
    }
}
