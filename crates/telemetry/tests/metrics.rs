//! What a scrape sees: series from the start, exemplars of sampled calls, pages in both formats.

mod support;

use std::time::Duration;

use http::{Request, StatusCode};
use opentelemetry_sdk::trace::{Sampler, SpanData};
use prometheus::{HistogramOpts, IntGaugeVec, Opts, proto::Bucket};
use proptest::prelude::*;
use support::{
    Bench, CLIENT_DURATION, SERVER_DURATION, label,
    script::{Head, Script, grpc_status},
};
use telemetry::metrics::{DURATION_BUCKETS, Registry};
use tonic::{Code, body::Body};
use tower::{Layer as _, ServiceExt as _};

const OPENMETRICS: Option<&str> = Some("application/openmetrics-text; version=1.0.0");

/// A call to the server that takes this long.
async fn say(bench: &Bench, milliseconds: u64) {
    let script = Script {
        wait: Duration::from_millis(milliseconds),
        head: Head::Answer(StatusCode::OK, grpc_status(Code::Ok, "")),
        body: Vec::new(),
    };
    let request = Request::builder().uri("/test.v1.Echo/Say");
    let request = request.body(Body::empty()).expect("a valid request");
    let server = bench.server_layer().layer(script.service());
    server.oneshot(request).await.expect("the script answers");
}

fn page(registry: &Registry, accept: Option<&str>) -> String {
    let (_, page) = registry.encode(accept);
    String::from_utf8(page).expect("a page is text")
}

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
    let bench = Bench::new();
    let _layers = (bench.server_layer(), bench.client_layer());

    for method in bench.methods.iter() {
        for name in [SERVER_DURATION, CLIENT_DURATION] {
            let mut series = bench.series(name);
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
        let started = bench.series("grpc_rpc_started_total");
        let mut started = started
            .iter()
            .filter(|series| label(series, "method") == method);
        assert_eq!(label(started.next().unwrap(), "type"), kind);
        for name in [
            "grpc_rpc_started_total",
            "grpc_rpc_messages_received_total",
            "grpc_rpc_messages_sent_total",
        ] {
            assert_eq!(bench.count(name, method).to_bits(), 0.0_f64.to_bits());
        }
    }
}

#[test]
fn two_layers_of_one_registry_share_its_series() {
    let bench = Bench::new();
    let _first = (bench.server_layer(), bench.client_layer());
    let series = bench.series(SERVER_DURATION).len() + bench.series(CLIENT_DURATION).len();
    let _second = (bench.server_layer(), bench.client_layer());
    let again = bench.series(SERVER_DURATION).len() + bench.series(CLIENT_DURATION).len();
    assert_eq!(series, again);
}

#[tokio::test(start_paused = true)]
async fn the_newest_sampled_call_of_a_bucket_is_its_exemplar() {
    let bench = Bench::new();

    say(&bench, 30).await;
    say(&bench, 40).await;
    say(&bench, 2000).await;
    say(&bench, 60_000).await;

    let spans = bench.spans();
    let lines = exemplars(&bench.registry);
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
    let bench = Bench::new();

    say(&bench, 50).await;

    let lines = exemplars(&bench.registry);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(r#"le="0.05"} 1 # "#), "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_unsampled_call_counts_and_leaves_no_exemplar() {
    let bench = Bench::sampling(Sampler::AlwaysOff);

    say(&bench, 30).await;

    assert_eq!(bench.samples(SERVER_DURATION)["OK"].0, 1);
    assert_eq!(exemplars(&bench.registry), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_scrape_gets_the_format_that_it_asks_for() {
    let bench = Bench::new();
    say(&bench, 30).await;

    let (format, _) = bench.registry.encode(None);
    assert_eq!(format, "text/plain; version=0.0.4");
    let text = page(&bench.registry, None);
    assert!(!text.contains(" # {") && !text.contains("# EOF"));
    assert!(text.contains(r#"code="OK",method="Say",service="test.v1.Echo",le="0.05"} 1"#));

    let (format, _) = bench.registry.encode(OPENMETRICS);
    let expected = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(format, expected);
    let text = page(&bench.registry, OPENMETRICS);
    assert!(text.ends_with("# EOF\n"));
    assert!(text.contains("# TYPE grpc_rpc_started counter\n"));
    assert!(text.contains("# UNIT grpc_rpc_duration_seconds seconds\n"));
}

#[test]
fn a_page_shows_the_build_and_the_process() {
    let registry = Registry::new();
    registry.build_info("user", "1.2.3").unwrap();
    registry
        .build_info("user", "1.2.3")
        .expect_err("there is one build only");

    for accept in [None, OPENMETRICS] {
        let page = page(&registry, accept);
        assert!(page.contains(r#"build_info{name="user",version="1.2.3"} 1"#));
        #[cfg(target_os = "linux")]
        for name in [
            "start_time_seconds",
            "cpu_seconds_total",
            "resident_memory_bytes",
        ] {
            assert!(page.contains(&format!("\nprocess_{name} ")), "{name}");
        }
    }
}

#[test]
fn samples_of_many_threads_are_exact_while_pages_are_written() {
    let bench = Bench::new();
    let options = HistogramOpts::new("work_seconds", "Work.").buckets(vec![1.0]);
    let work = bench.registry.histogram(options, &["kind"]).unwrap();
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
                page(&bench.registry, OPENMETRICS);
            }
        });
    });
    let page = page(&bench.registry, OPENMETRICS);
    assert!(page.contains("work_seconds_count{kind=\"any\"} 40000\n"));
}

/// The value of the only label in a line, with its escapes undone.
fn unescaped(line: &str) -> String {
    let (_, value) = line.split_once("=\"").expect("a label");
    let (mut text, mut chars) = (String::new(), value.chars());
    loop {
        match chars.next().expect("the value ends with a quote") {
            '"' => return text,
            '\\' => text.push(match chars.next().expect("something is escaped") {
                'n' => '\n',
                other => other,
            }),
            other => text.push(other),
        }
    }
}

proptest! {
    #[test]
    fn no_label_value_forges_a_line(value in "(\\PC|[\"\\\\\n\r{} #=,]){0,40}") {
        let registry = Registry::new();
        let gauge = IntGaugeVec::new(Opts::new("odd", "With \"quotes\" and\nlines."), &["name"]);
        let gauge = gauge.expect("valid names");
        registry.prometheus().register(Box::new(gauge.clone())).expect("a free name");
        gauge.with_label_values(&[&value]).set(1);

        let page = page(&registry, OPENMETRICS);

        let lines: Vec<_> = page.split('\n').filter(|line| line.contains("odd")).collect();
        prop_assert_eq!(lines[0], "# TYPE odd gauge");
        prop_assert_eq!(lines[1], r#"# HELP odd With \"quotes\" and\nlines."#);
        prop_assert!(lines[2].ends_with("\"} 1.0"), "{}", lines[2]);
        prop_assert_eq!(unescaped(lines[2]), value);
        prop_assert_eq!(lines.len(), 3);
    }
}
