//! What a real Prometheus makes of native histograms: quantiles, counts and exemplars.

use std::{future::pending, time::SystemTime};

use crate::support::{Prometheus, get, until};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use prometheus::HistogramOpts;
use tokio::{net::TcpListener, sync::watch};
use tonic_telemetry::metrics::{DURATION_BUCKETS, ExemplarHistogram, Registry};

const FEATURES: &str = "exemplar-storage,native-histograms";

/// A page with one histogram, and the address of the page.
async fn page() -> (ExemplarHistogram, String) {
    let registry = Registry::new();
    let options = HistogramOpts::new("work_seconds", "Work.").buckets(DURATION_BUCKETS.to_vec());
    let family = registry
        .native_histogram(options, &[])
        .expect("a free name");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let (_, ready) = watch::channel(true);
    tokio::spawn(tonic_telemetry::admin::serve(
        listener,
        registry,
        ready,
        pending(),
    ));
    (family.series(&[]), address)
}

/// A thousand values from 1 ms to 1 s, so that each quantile is its own number of seconds.
fn work(series: &ExemplarHistogram) {
    let (id, flags) = (TraceId::from(7), TraceFlags::SAMPLED);
    let span = SpanContext::new(id, SpanId::from(9), flags, false, TraceState::NONE);
    for milliseconds in 1..=1000 {
        series.observe(f64::from(milliseconds) / 1000.0, &span, SystemTime::now());
    }
}

async fn until_number(prometheus: &Prometheus, query: &str, is_right: impl Fn(f64) -> bool) {
    until(query, async || {
        prometheus.number(query).await.filter(|it| is_right(*it))
    })
    .await;
}

#[tokio::test]
async fn prometheus_knows_quantiles_within_nine_percent() {
    let (series, address) = page().await;
    let prometheus = Prometheus::start(std::slice::from_ref(&address), FEATURES).await;
    // A rate begins with a sample of before; without values the histogram is native already.
    let count = "histogram_count(work_seconds)";
    until_number(&prometheus, count, |count| count.abs() < 0.5).await;

    work(&series);

    until_number(&prometheus, count, |count| (count - 1000.0).abs() < 0.5).await;
    let text = get(&format!("http://{address}/metrics")).await.body;
    assert!(text.contains("\nwork_seconds_count 1000\n"), "{text}");
    let sum = "histogram_sum(work_seconds)";
    until_number(&prometheus, sum, |sum| (sum - 500.5).abs() < 0.001).await;
    for quantile in [0.05, 0.5, 0.9, 0.99] {
        for of in ["work_seconds", "rate(work_seconds[1m])"] {
            let query = format!("histogram_quantile({quantile}, {of})");
            let told = prometheus.number(&query).await.expect("a number");
            assert!((told / quantile - 1.0).abs() < 0.09, "{query}: {told}");
        }
    }
    let path = "query_exemplars?query=work_seconds&start=0&end=9999999999";
    let exemplars = prometheus.ask(path).await.expect("an answer");
    // Debian's Prometheus takes one of a native histogram, of the lowest bucket that has any.
    let exemplar = &exemplars[0]["exemplars"][0];
    assert_eq!(exemplar["labels"]["trace_id"], format!("{:032x}", 7));
    assert_eq!(exemplar["value"], "0.001");
}
