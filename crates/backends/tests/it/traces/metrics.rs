//! The figures of the Monitor page.

use crate::support::{
    backend::Backend,
    spans::{call, failed, now, service, span},
};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use rstest::rstest;
use serde_json::{Value as Json, json};

/// The labels of each series, and its last value.
fn last_values(family: &Json) -> Vec<(Vec<&str>, Option<f64>)> {
    let series = family["metrics"].as_array().into_iter().flatten();
    series
        .map(|series| {
            let labels = series["labels"].as_array().into_iter().flatten();
            let points = series["metricPoints"].as_array();
            let last = points
                .and_then(|points| points.last())
                .expect("a series has points");
            (
                labels.filter_map(|label| label["value"].as_str()).collect(),
                last["gaugeValue"]["doubleValue"].as_f64(),
            )
        })
        .collect()
}

/// A hundred server spans of 1 to 100 ms, which end one after another within ten seconds; each
/// fourth one failed.
async fn backend_with_latencies() -> Backend {
    let backend = Backend::start().await;
    let spans = (1..=100_u64).map(|millis| {
        let end = now() - 10_000_000_000 + millis * 100_000_000;
        let span = Span {
            kind: SpanKind::Server.into(),
            start_time_unix_nano: end - millis * 1_000_000,
            end_time_unix_nano: end,
            ..span(u128::from(millis), 1)
        };
        if millis % 4 == 0 {
            failed("", span)
        } else {
            span
        }
    });
    backend.export(vec![service("user", spans.collect())]).await;
    backend
}

#[rstest]
#[case("latencies?quantile=0.5", "service_latencies", 50.0)]
#[case("latencies?quantile=0.95", "service_latencies", 95.0)]
#[case("latencies?quantile=0", "service_latencies", 1.0)]
#[case("latencies?quantile=1", "service_latencies", 100.0)]
#[case("errors?", "service_error_rate", 0.25)]
#[tokio::test]
async fn metrics_are_computed_from_the_spans(
    #[case] query: &str,
    #[case] name: &str,
    #[case] expected: f64,
) {
    let backend = backend_with_latencies().await;
    let path = format!(
        "/api/metrics/{query}&service=user&spanKind=server&ratePer=600000&step=60000&lookback=3600000"
    );
    let family = backend.get(&path).await.json();
    assert_eq!(family["name"], name);
    assert_eq!(
        family["metrics"][0]["metricPoints"]
            .as_array()
            .unwrap()
            .len(),
        61
    );
    assert_eq!(last_values(&family), [(vec!["user"], Some(expected))]);
}

#[tokio::test]
async fn the_call_rate_counts_only_the_time_that_the_store_knows() {
    let backend = backend_with_latencies().await;
    let family = backend
        .get("/api/metrics/calls?service=user&ratePer=600000")
        .await
        .json();
    let [(_, Some(rate))] = last_values(&family)[..] else {
        panic!("one series with a value is expected: {family}");
    };
    // A hundred calls in some ten seconds, not in the ten minutes of the window.
    assert!((5.0..=11.0).contains(&rate), "{rate}");
    let first = &family["metrics"][0]["metricPoints"][0]["gaugeValue"]["doubleValue"];
    assert_eq!(*first, Json::Null, "nothing is known of an hour ago");
}

#[tokio::test]
async fn metrics_can_be_split_by_operation() {
    let backend = Backend::start().await;
    backend.export(call(1, now() - 2_000_000_000, false)).await;
    let path = "/api/metrics/calls?service=user&groupByOperation=true";
    let family = backend.get(&format!("{path}&spanKind=server")).await.json();
    assert_eq!(family["name"], "service_operation_call_rate");
    let labels: Vec<_> = last_values(&family)
        .into_iter()
        .map(|(labels, _)| labels)
        .collect();
    assert_eq!(labels, [["user", "user.v1/GetUser"]]);
    for (kinds, expected) in [("", 1), ("&spanKind=client&spanKind=server", 2)] {
        let family = backend.get(&format!("{path}{kinds}")).await.json();
        let series = family["metrics"].as_array().unwrap().len();
        assert_eq!(series, expected, "servers alone, unless kinds are named");
    }
    let family = backend
        .get("/api/metrics/calls?service=nobody")
        .await
        .json();
    assert_eq!(family["metrics"], json!([]));
}

#[rstest]
#[case("latencies?quantile=2")]
#[case("latencies?quantile=NaN")]
#[case("calls?step=0")]
#[case("calls?lookback=-1")]
#[case("calls?endTs=99999999999999999")]
#[tokio::test]
async fn metrics_with_a_bad_parameter_are_refused(#[case] query: &str) {
    let backend = Backend::start().await;
    let answer = backend
        .get(&format!("/api/metrics/{query}&service=user"))
        .await;
    assert_eq!(answer.status, 400);
    let answer = backend.get("/api/metrics/calls").await;
    assert_eq!(answer.status, 400, "no service");
}

#[tokio::test]
async fn a_range_of_metrics_that_is_too_fine_gets_fewer_points() {
    let backend = backend_with_latencies().await;
    let path = "/api/metrics/calls?service=user&step=1&lookback=253402300799999";
    let family = backend.get(path).await.json();
    let points = family["metrics"][0]["metricPoints"]
        .as_array()
        .unwrap()
        .len();
    assert!(points <= 11_001, "{points}");
}
