//! The page that a scrape gets, in both formats.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::support::{
    Fixture,
    scrape::{OPENMETRICS, page, say},
};
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use prometheus::{IntGaugeVec, Opts};
use proptest::prelude::*;
use tonic_telemetry::metrics::Registry;

#[tokio::test(start_paused = true)]
async fn a_scrape_gets_the_format_that_it_asks_for() {
    let fixture = Fixture::new();
    say(&fixture, 30).await;

    let (format, _) = fixture.registry.encode(None);
    assert_eq!(format, "text/plain; version=0.0.4");
    let text = page(&fixture.registry, None);
    assert!(!text.contains(" # {") && !text.contains("# EOF"));
    assert!(text.contains(r#"code="OK",method="Say",service="test.v1.Echo",le="0.05"} 1"#));

    let (format, _) = fixture.registry.encode(OPENMETRICS);
    let expected = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(format, expected);
    let text = page(&fixture.registry, OPENMETRICS);
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

/// What the page has for this series, with its labels.
fn line<'a>(page: &'a str, series: &str) -> &'a str {
    let line = page.lines().find_map(|line| line.strip_prefix(series));
    line.unwrap_or_else(|| panic!("no {series}: {page}"))
}

#[tokio::test(start_paused = true)]
async fn a_series_says_when_it_had_not_counted_yet() {
    let fixture = Fixture::new();
    say(&fixture, 30).await;
    let counted =
        r#"grpc_rpc_duration_seconds_count{code="OK",method="Say",service="test.v1.Echo"}"#;
    let created = counted.replace("_count{", "_created{");
    let first = page(&fixture.registry, OPENMETRICS);
    let at: f64 = line(&first, &created).trim().parse().unwrap();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    assert!((now - 60.0..=now).contains(&at), "{at} at {now}");
    let started = r#"grpc_rpc_started_created{method="Say",service="test.v1.Echo",type="unary"}"#;
    assert_eq!(line(&first, started), line(&first, &created));
    say(&fixture, 30).await;
    let second = page(&fixture.registry, OPENMETRICS);
    assert_eq!(line(&second, counted), " 2");
    assert_eq!(line(&second, &created), line(&first, &created));
    assert!(!page(&fixture.registry, None).contains("_created"));
}

#[test]
fn a_page_shows_the_resource_of_the_spans() {
    let resource = Resource::builder_empty().with_attributes([
        KeyValue::new("service.name", "user"),
        KeyValue::new("service.instance.id", "a1"),
        KeyValue::new("2nd", "x"),
        KeyValue::new("host.ip", "1"),
        KeyValue::new("host_ip", "2"),
    ]);
    let registry = Registry::new();
    registry.target_info(&resource.build()).unwrap();
    let page = page(&registry, OPENMETRICS);
    let labels = line(&page, "target_info");
    assert!(labels.starts_with(r#"{_2nd="x",host_ip=""#), "{labels}");
    assert!(
        labels.ends_with(r#"",service_instance_id="a1"} 1.0"#),
        "{labels}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn cpu_time_is_shown_in_parts_of_a_second() {
    let registry = Registry::new();
    let seconds = || -> f64 {
        let page = page(&registry, None);
        line(&page, "process_cpu_seconds_total")
            .trim()
            .parse()
            .unwrap()
    };
    let begin = seconds();
    let until = Instant::now() + Duration::from_secs(60);
    // Ten ticks of the kernel: whole seconds would go from 0 to 1.
    while seconds() < begin + 0.1 {
        assert!(Instant::now() < until, "no CPU time is counted");
    }
    assert!(seconds() < begin + 0.9, "{begin} to {}", seconds());
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
