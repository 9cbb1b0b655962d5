use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use prometheus::{Counter, HistogramOpts};

use super::{messages::BucketSpan, *};
use crate::metrics::Registry;

const ACCEPT: Option<&str> = Some(PROTOBUF_FORMAT);

/// A registry with a value of each kind.
fn registry() -> Registry {
    let registry = Registry::new();
    registry.build_info("user", "1.2.3").unwrap();
    let eaten = Counter::new("eaten_total", "Eaten.").unwrap();
    registry
        .prometheus()
        .register(Box::new(eaten.clone()))
        .unwrap();
    eaten.inc_by(2.5);
    let options = HistogramOpts::new("work_seconds", "Work.").buckets(vec![0.1, 1.0]);
    let work = registry
        .native_histogram(options, &["kind", "day"])
        .unwrap();
    let (id, flags) = (TraceId::from(7), TraceFlags::SAMPLED);
    let span = SpanContext::new(id, SpanId::from(9), flags, false, TraceState::default());
    for seconds in [0.00001, 0.5, 0.25, 60.0] {
        let series = work.series(&["\"hard\"", "monday"]);
        series.observe(seconds, &span, SystemTime::UNIX_EPOCH);
    }
    registry
}

fn families(registry: &Registry) -> Vec<MetricFamily> {
    let (format, page) = registry.encode(ACCEPT);
    assert_eq!(format, PROTOBUF_FORMAT);
    let mut rest = &page[..];
    let mut families = Vec::new();
    while !rest.is_empty() {
        families.push(MetricFamily::decode_length_delimited(&mut rest).unwrap());
    }
    families
}

fn work(registry: &Registry) -> Histogram {
    let mut families = families(registry).into_iter();
    let family = families
        .find(|family| family.name == "work_seconds")
        .unwrap();
    family.metrics[0].histogram.clone().unwrap()
}

/// The lines that the text format has for a family.
fn lines(family: &MetricFamily) -> Vec<String> {
    let name = &family.name;
    let kind = ["counter", "gauge", "", "", "histogram"][usize::try_from(family.kind).unwrap()];
    let mut lines = vec![
        format!("# HELP {name} {}", family.help),
        format!("# TYPE {name} {kind}"),
    ];
    for metric in &family.metrics {
        let labels = metric.labels.iter();
        let labels: Vec<_> = labels
            .map(|it| format!("{}=\"{}\"", it.name, it.value.replace('"', "\\\"")))
            .collect();
        let with = |more: &[String]| match [&labels, more].concat() {
            all if all.is_empty() => String::new(),
            all => format!("{{{}}}", all.join(",")),
        };
        let gauge = metric.gauge.as_ref().map(|it| it.value);
        let number = gauge.or(metric.counter.as_ref().map(|it| it.value));
        lines.extend(number.map(|it| format!("{name}{} {it}", with(&[]))));
        if let Some(histogram) = &metric.histogram {
            for bucket in &histogram.buckets {
                let bound = format!("le=\"{}\"", bucket.upper_bound).replace("inf", "+Inf");
                lines.push(format!(
                    "{name}_bucket{} {}",
                    with(&[bound]),
                    bucket.cumulative_count
                ));
            }
            lines.push(format!("{name}_sum{} {}", with(&[]), histogram.sum));
            lines.push(format!("{name}_count{} {}", with(&[]), histogram.count));
        }
    }
    lines
}

#[test]
fn the_page_has_the_series_of_the_text_format() {
    let registry = registry();
    let (_, text) = registry.encode(None);
    let text = String::from_utf8(text).unwrap();
    // The values of `process_*` change between two pages.
    let of_the_process = |line: &&str| line.contains("process_");
    let expected: BTreeSet<_> = text.lines().filter(|it| !of_the_process(it)).collect();

    let families = families(&registry);
    let lines: Vec<_> = families.iter().flat_map(lines).collect();
    let lines = lines.iter().map(String::as_str);
    let (process, lines): (Vec<_>, BTreeSet<_>) = (
        lines.clone().filter(of_the_process).collect(),
        lines.filter(|it| !of_the_process(it)).collect(),
    );
    assert_eq!(lines, expected);
    assert_eq!(process.is_empty(), cfg!(not(target_os = "linux")));
}

#[test]
fn the_newest_exemplar_of_a_bucket_has_its_ids_and_its_time() {
    let exemplars = work(&registry())
        .buckets
        .into_iter()
        .map(|it| it.exemplar.unwrap());
    let exemplars: Vec<_> = exemplars.collect();
    let values: Vec<_> = exemplars.iter().map(|it| it.value.to_string()).collect();
    assert_eq!(values, ["0.00001", "0.25", "60"]);
    for exemplar in exemplars {
        assert_eq!(exemplar.labels[0].name, "trace_id");
        assert_eq!(exemplar.labels[0].value, format!("{:032x}", 7));
        assert_eq!(exemplar.labels[1].name, "span_id");
        assert_eq!(exemplar.labels[1].value, format!("{:016x}", 9));
        assert_eq!(exemplar.timestamp, Some(SystemTime::UNIX_EPOCH.into()));
    }
}

/// The native buckets that are not empty, by their index, decoded as the specification says.
fn native_buckets(histogram: &Histogram) -> Vec<(i32, u64)> {
    let mut deltas = histogram.positive_deltas.iter();
    let (mut index, mut count, mut buckets) = (0, 0_i64, Vec::new());
    for span in &histogram.positive_spans {
        index += span.offset;
        for _ in 0..span.length {
            count += deltas.next().expect("a difference for each bucket");
            buckets.push((index, u64::try_from(count).expect("a count")));
            index += 1;
        }
    }
    assert_eq!(deltas.next(), None);
    buckets
}

/// Asserts that all counts of a histogram are the same.
fn assert_consistent(histogram: &Histogram) {
    let positive: u64 = native_buckets(histogram)
        .iter()
        .map(|(_, count)| count)
        .sum();
    assert_eq!(histogram.count, histogram.zero_count + positive);
    let mut counts = histogram.buckets.iter().map(|it| it.cumulative_count);
    assert!(counts.clone().is_sorted(), "{histogram:?}");
    assert_eq!(counts.next_back(), Some(histogram.count));
}

#[test]
fn a_histogram_of_seconds_has_native_buckets_too() {
    let histogram = work(&registry());
    assert_eq!((histogram.schema, histogram.zero_count), (3, 1));
    assert_eq!(histogram.zero_threshold.log2().to_string(), "-14");
    assert_eq!(native_buckets(&histogram), [(-16, 1), (-8, 1), (48, 1)]);
    assert_consistent(&histogram);
}

#[test]
fn a_native_histogram_without_values_is_one() {
    let registry = Registry::new();
    let options = HistogramOpts::new("work_seconds", "Work.");
    drop(registry.native_histogram(options, &[]).unwrap().series(&[]));
    let histogram = work(&registry);
    assert_eq!(histogram.positive_spans, [BucketSpan::default()]);
    assert_consistent(&histogram);
}

#[test]
fn a_histogram_is_classic_unless_it_was_registered_as_native() {
    let registry = Registry::new();
    let options = HistogramOpts::new("sleep_seconds", "Sleep.");
    drop(registry.histogram(options, &[]).unwrap().series(&[]));
    let families = families(&registry);
    let family = families
        .iter()
        .find(|it| it.name == "sleep_seconds")
        .unwrap();
    let histogram = family.metrics[0].histogram.clone().unwrap();
    assert_eq!(histogram.positive_spans, []);
    assert_eq!(histogram.zero_threshold.to_bits(), 0);
}

#[test]
fn counts_agree_while_values_are_recorded() {
    const THREADS: u64 = 4;
    const VALUES: u64 = 100_000;
    let registry = Registry::new();
    let options = HistogramOpts::new("work_seconds", "Work.").buckets(vec![0.001, 1.0]);
    let family = registry.native_histogram(options, &[]).unwrap();
    let series = family.series(&[]);
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for value in 0..VALUES {
                    let seconds = 0.000_01 * f64::from(u32::try_from(value).unwrap());
                    series.observe(seconds, &SpanContext::NONE, SystemTime::UNIX_EPOCH);
                }
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        let mut last = 0;
        while done.load(Ordering::Relaxed) < THREADS {
            let histogram = work(&registry);
            assert_consistent(&histogram);
            assert!(last <= histogram.count, "a count never falls");
            last = histogram.count;
        }
    });
    assert_eq!(work(&registry).count, THREADS * VALUES);
}

#[test]
fn counters_and_histograms_say_since_when_they_count() {
    let registry = registry();
    let before = families(&registry);
    for family in before {
        for metric in family.metrics {
            let created = [
                metric.counter.map(|it| it.created.is_some()),
                metric.histogram.map(|it| it.created.is_some()),
            ];
            let is_gauge = metric.gauge.is_some();
            assert_eq!(created.contains(&Some(true)), !is_gauge, "{}", family.name);
            assert!(!created.contains(&Some(false)), "{}", family.name);
        }
    }
}
