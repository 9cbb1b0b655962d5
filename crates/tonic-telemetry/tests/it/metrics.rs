//! What is measured: series from the start, exact counts, exemplars of sampled calls.

use crate::support::{
    CLIENT_DURATION, Fixture, SERVER_DURATION, label,
    scrape::{OPENMETRICS, page, say},
};
use opentelemetry_sdk::trace::{Sampler, SpanData};
use prometheus::{HistogramOpts, proto::Bucket};
use tonic_telemetry::metrics::{DURATION_BUCKETS, Registry};

/// The lines of the buckets that have an exemplar.
fn exemplars(registry: &Registry) -> Vec<String> {
    let page = page(registry, OPENMETRICS);
    let lines = page.lines().filter(|line| line.contains(" # {"));
    lines.map(str::to_owned).collect()
}

fn exemplar_of(span: &SpanData) -> String {
    let context = &span.span_context;
    format!(
        r#" # {{trace_id="{}",span_id="{}"}} "#,
        context.trace_id(),
        context.span_id()
    )
}

#[test]
fn every_series_of_a_registered_method_starts_at_zero() {
    let fixture = Fixture::new();
    let _layers = (fixture.server_layer(), fixture.client_layer());

    for method in fixture.methods.iter() {
        for name in [SERVER_DURATION, CLIENT_DURATION] {
            let mut series = fixture.series(name);
            series.retain(|series| {
                label(series, "service") == method.service && label(series, "method") == method.name
            });
            assert_eq!(series.len(), 1, "{name} of {}", method.path);
            assert_eq!(label(&series[0], "code"), "OK");
            assert_eq!(series[0].get_histogram().get_sample_count(), 0);
            let buckets = series[0].get_histogram().get_bucket();
            let bounds: Vec<_> = buckets.iter().map(Bucket::upper_bound).collect();
            assert_eq!(bounds, DURATION_BUCKETS);
        }
    }
    for (method, kind) in [
        ("Say", "unary"),
        ("Watch", "server_stream"),
        ("Upload", "client_stream"),
        ("Chat", "bidi_stream"),
    ] {
        let started = fixture.series("grpc_rpc_started_total");
        let mut started = started
            .iter()
            .filter(|series| label(series, "method") == method);
        assert_eq!(label(started.next().unwrap(), "type"), kind);
        for name in [
            "grpc_rpc_started_total",
            "grpc_rpc_messages_received_total",
            "grpc_rpc_messages_sent_total",
        ] {
            assert_eq!(fixture.count(name, method).to_bits(), 0.0_f64.to_bits());
        }
    }
}

#[test]
fn two_layers_of_one_registry_share_its_series() {
    let fixture = Fixture::new();
    let _first = (fixture.server_layer(), fixture.client_layer());
    let series = fixture.series(SERVER_DURATION).len() + fixture.series(CLIENT_DURATION).len();
    let _second = (fixture.server_layer(), fixture.client_layer());
    let again = fixture.series(SERVER_DURATION).len() + fixture.series(CLIENT_DURATION).len();
    assert_eq!(series, again);
}

#[tokio::test(start_paused = true)]
async fn the_newest_sampled_call_of_a_bucket_is_its_exemplar() {
    let fixture = Fixture::new();

    say(&fixture, 30).await;
    say(&fixture, 40).await;
    say(&fixture, 2000).await;
    say(&fixture, 60_000).await;

    let spans = fixture.spans();
    let lines = exemplars(&fixture.registry);
    let bounds = [r#"le="0.05"}"#, r#"le="2.5"}"#, r#"le="+Inf"}"#];
    let counts = ["} 2 # ", "} 3 # ", "} 4 # "];
    let values = [" 0.04 ", " 2.0 ", " 60.0 "];
    assert_eq!(lines.len(), 3, "{lines:#?}");
    for (index, line) in lines.iter().enumerate() {
        assert!(
            line.starts_with("grpc_rpc_duration_seconds_bucket{"),
            "{line}"
        );
        assert!(line.contains(bounds[index]), "{line}");
        assert!(line.contains(counts[index]), "{line}");
        assert!(line.contains(values[index]), "{line}");
        assert!(line.contains(&exemplar_of(&spans[index + 1])), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_on_a_bound_belongs_to_its_bucket() {
    let fixture = Fixture::new();

    say(&fixture, 50).await;

    let lines = exemplars(&fixture.registry);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(r#"le="0.05"} 1 # "#), "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_unsampled_call_counts_and_leaves_no_exemplar() {
    let fixture = Fixture::sampling(Sampler::AlwaysOff);

    say(&fixture, 30).await;

    assert_eq!(fixture.samples(SERVER_DURATION)["OK"].0, 1);
    assert_eq!(exemplars(&fixture.registry), [""; 0]);
}

#[test]
fn samples_of_many_threads_are_exact_while_pages_are_written() {
    let fixture = Fixture::new();
    let options = HistogramOpts::new("work_seconds", "Work.").buckets(vec![1.0]);
    let work = fixture.registry.histogram(options, &["kind"]).unwrap();
    let series = work.series(&["any"]);
    let span = opentelemetry::trace::SpanContext::NONE;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    series.observe(0.5, &span, std::time::SystemTime::now());
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..100 {
                page(&fixture.registry, OPENMETRICS);
            }
        });
    });
    let page = page(&fixture.registry, OPENMETRICS);
    assert!(page.contains("work_seconds_count{kind=\"any\"} 40000\n"));
}

#[test]
fn the_page_shows_the_families_of_another_registry_once() {
    let others = prometheus::Registry::new();
    let carts = prometheus::IntCounter::new("shop_carts_total", "Carts.").unwrap();
    others.register(Box::new(carts)).unwrap();
    let build = prometheus::IntGauge::new("build_info", "Of another build.").unwrap();
    others.register(Box::new(build)).unwrap();
    let metrics = Registry::new();
    metrics.build_info("shop", "1").unwrap();

    metrics.join(&others);

    for accept in ["text/plain", "application/openmetrics-text"] {
        let page = String::from_utf8(metrics.encode(Some(accept)).1).unwrap();
        assert!(page.contains("\nshop_carts_total 0"), "{page}");
        assert_eq!(page.matches("\nbuild_info").count(), 1, "{page}");
    }
}
