//! The figures of the Monitor page: the real Jaeger asks Prometheus, which scrapes what a connector has
//! counted from spans; the store has the spans themselves.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, trace_service_client::TraceServiceClient,
};
use serde_json::Value as Json;
use test_support::{DEADLINE, compose::Compose};
use tokio::time::sleep;

use super::jaeger::get;
use crate::support::{
    backend::Backend,
    spans::{call, now},
};

/// What both are asked about the last ten seconds.
const QUESTIONS: &[&str] = &[
    "calls?service=user",
    "calls?service=gateway&service=profile",
    "calls?service=gateway&spanKind=client",
    "calls?service=user&spanKind=client&spanKind=server&groupByOperation=true",
    "errors?service=profile",
    "errors?service=user&groupByOperation=true",
    "latencies?service=profile&quantile=0.5",
    "latencies?service=profile&service=gateway&quantile=0.5",
    "latencies?service=profile&quantile=0.95&groupByOperation=true",
    "calls?service=nobody",
    "minstep?",
    "calls?",
    "calls?service=user&spanKind=nothing",
    "calls?service=user&groupByOperation=yes",
    "latencies?service=user&quantile=half",
];

/// Jaeger's own buckets of latency, in milliseconds, as in `jaeger/config.yml`.
const BUCKETS: [f64; 13] = [
    1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4,
];

/// Status, names, labels and the time of the last point have to be equal. The values have to be as
/// near as the two ways to count allow. The help texts differ, and where nothing was measured
/// Jaeger has `"NaN"` or no point, and the store `null`.
#[tokio::test]
async fn the_real_jaeger_has_the_same_figures_on_its_monitor_page() {
    let (real, ours) = (Compose::start("127.0.0.1:1"), Backend::start().await);
    let otlp = format!("http://{}", real.otlp);
    let deadline = Instant::now() + DEADLINE;
    let mut client = loop {
        match TraceServiceClient::connect(otlp.clone()).await {
            Ok(client) => break client,
            Err(_) => assert!(Instant::now() < deadline, "Jaeger does not listen"),
        }
        sleep(Duration::from_millis(50)).await;
    };
    for number in 1_u64.. {
        let resource_spans = call(number.into(), now() - 20_000_000, number % 4 == 0);
        ours.export(resource_spans.clone()).await;
        let request = ExportTraceServiceRequest { resource_spans };
        client.export(request).await.expect("it is exported");
        sleep(Duration::from_millis(50)).await;
        if number % 20 == 0 {
            let wrong = differences(&real, &ours).await;
            if wrong.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{}", wrong.join("\n"));
        }
    }
}

async fn differences(real: &Compose, ours: &Backend) -> Vec<String> {
    let end = now() / 1_000_000;
    let mut wrong = Vec::new();
    for question in QUESTIONS {
        let range = format!("endTs={end}&lookback=2000&step=1000&ratePer=10000");
        let path = format!("/api/metrics/{question}&{range}");
        let theirs = get(&format!("http://{}{path}", real.query)).await;
        let (status, theirs) = theirs.expect("Jaeger answers");
        let answer = ours.get(&path).await;
        let mine = answer.json();
        let same = status == answer.status && (!status.is_success() || same(&theirs, &mine));
        if !same {
            wrong.push(format!(
                "{question}\n  real: {status} {theirs}\n  ours: {mine}"
            ));
        }
    }
    wrong
}

fn same(theirs: &Json, ours: &Json) -> bool {
    if theirs["name"].is_null() {
        return theirs == ours;
    }
    let (a, b) = (last_points(theirs), last_points(ours));
    let is_latency = theirs["name"]
        .as_str()
        .is_some_and(|it| it.ends_with("latencies"));
    theirs["name"] == ours["name"]
        && theirs["type"] == ours["type"]
        && a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| {
            a.0 == b.0
                && a.1 == b.1
                && if is_latency {
                    near(a.2, b.2)
                } else {
                    equal(a.2, b.2)
                }
        })
}

/// Whether both values are in one bucket.
fn near(theirs: f64, ours: f64) -> bool {
    let bucket = |value: f64| BUCKETS.partition_point(|bound| *bound < value);
    bucket(theirs) == bucket(ours)
}

/// Whether the values differ by a quarter at most: Jaeger's rate is that of an earlier scrape.
fn equal(theirs: f64, ours: f64) -> bool {
    (theirs - ours).abs() <= 0.25 * theirs.max(ours)
}

/// Of each series the labels, and the moment and the value of the last point with a value.
fn last_points(family: &Json) -> Vec<(String, String, f64)> {
    let series = family["metrics"].as_array().into_iter().flatten();
    let mut points: Vec<_> = series
        .filter_map(|series| {
            let mut points = series["metricPoints"].as_array()?.iter().rev();
            let value = |point: &Json| point["gaugeValue"]["doubleValue"].as_f64();
            let last = points.find(|point| value(point).is_some())?;
            let moment = last["timestamp"].as_str()?;
            let moment = humantime::parse_rfc3339(moment).expect("a moment");
            let moment = humantime::format_rfc3339_millis(moment).to_string();
            Some((series["labels"].to_string(), moment, value(last)?))
        })
        .collect();
    points.sort_by(|a, b| a.0.cmp(&b.0));
    points
}
