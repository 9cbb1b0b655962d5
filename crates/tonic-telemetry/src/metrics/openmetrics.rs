use std::{
    fmt::{self, Write},
    sync::Arc,
    time::SystemTime,
};

use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};

use super::{created::Created, exemplar::Exemplar, family::Family};

/// The content type of an OpenMetrics page.
pub const OPENMETRICS_FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes a page of OpenMetrics 1.0 text.
///
/// `beside` finds the exemplars of a family by its name.
/// Spec: [OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec/).
pub(super) fn write_page(
    page: &mut String,
    families: &[MetricFamily],
    created: &Created<'_>,
    beside: impl Fn(&str) -> Option<Arc<Family>>,
) -> fmt::Result {
    for family in families {
        match family.get_field_type() {
            MetricType::COUNTER => write_counter(page, family, created)?,
            MetricType::GAUGE => write_gauge(page, family)?,
            MetricType::HISTOGRAM => {
                write_histogram(page, family, created, beside(family.name()).as_deref())?;
            }
            // The `prometheus` crate cannot make these types.
            MetricType::SUMMARY | MetricType::UNTYPED => {}
        }
    }
    page.push_str("# EOF\n");
    Ok(())
}

/// `name` is the name of the family, which for a counter ends before `_total`.
fn write_head(page: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(page, "# TYPE {name} {kind}")?;
    for unit in ["seconds", "bytes"] {
        if name.ends_with(unit) {
            writeln!(page, "# UNIT {name} {unit}")?;
        }
    }
    writeln!(page, "# HELP {name} {}", Escaped(help))
}

fn write_counter(page: &mut String, family: &MetricFamily, created: &Created<'_>) -> fmt::Result {
    let name = family.name();
    let name = name.strip_suffix("_total").unwrap_or(name);
    write_head(page, name, "counter", family.help())?;
    for metric in family.get_metric() {
        let value = Number(metric.get_counter().get_value());
        writeln!(page, "{name}_total{} {value}", Labels::of(metric))?;
        write_created(page, name, metric, created.at(family, metric))?;
    }
    Ok(())
}

fn write_gauge(page: &mut String, family: &MetricFamily) -> fmt::Result {
    let name = family.name();
    write_head(page, name, "gauge", family.help())?;
    for metric in family.get_metric() {
        let value = Number(metric.get_gauge().get_value());
        writeln!(page, "{name}{} {value}", Labels::of(metric))?;
    }
    Ok(())
}

fn write_histogram(
    page: &mut String,
    family: &MetricFamily,
    created: &Created<'_>,
    beside: Option<&Family>,
) -> fmt::Result {
    let name = family.name();
    write_head(page, name, "histogram", family.help())?;
    for metric in family.get_metric() {
        let series = beside.and_then(|family| family.find(metric));
        for (index, (bound, count)) in buckets(metric).enumerate() {
            let labels = Labels::with_bound(metric, bound);
            write!(page, "{name}_bucket{labels} {count}")?;
            if let Some(exemplar) = series.as_ref().and_then(|it| it.exemplars.newest(index)) {
                write_exemplar(page, &exemplar)?;
            }
            page.push('\n');
        }
        let histogram = metric.get_histogram();
        let (labels, sum) = (Labels::of(metric), Number(histogram.get_sample_sum()));
        writeln!(page, "{name}_sum{labels} {sum}")?;
        writeln!(
            page,
            "{name}_count{labels} {}",
            histogram.get_sample_count()
        )?;
        write_created(page, name, metric, created.at(family, metric))?;
    }
    Ok(())
}

fn write_created(
    page: &mut String,
    name: &str,
    metric: &Metric,
    at: Option<SystemTime>,
) -> fmt::Result {
    let Some(at) = at else { return Ok(()) };
    writeln!(page, "{name}_created{} {}", Labels::of(metric), Time(at))
}

/// The cumulative buckets, with the last one that the `prometheus` crate leaves out.
pub(super) fn buckets(metric: &Metric) -> impl Iterator<Item = (f64, u64)> {
    let histogram = metric.get_histogram();
    let finite = histogram
        .get_bucket()
        .iter()
        .map(|bucket| (bucket.upper_bound(), bucket.cumulative_count()))
        .filter(|(bound, _)| bound.is_finite());
    finite.chain([(f64::INFINITY, histogram.get_sample_count())])
}

fn write_exemplar(page: &mut String, exemplar: &Exemplar) -> fmt::Result {
    write!(
        page,
        " # {{trace_id=\"{}\",span_id=\"{}\"}} {} {}",
        exemplar.trace_id,
        exemplar.span_id,
        Number(exemplar.value),
        Time(exemplar.at),
    )
}

/// `{service="…",le="0.5"}`; nothing if there are no labels.
struct Labels<'a> {
    pairs: &'a [LabelPair],
    bound: Option<f64>,
}

impl<'a> Labels<'a> {
    fn of(metric: &'a Metric) -> Self {
        Self {
            pairs: metric.get_label(),
            bound: None,
        }
    }

    fn with_bound(metric: &'a Metric, bound: f64) -> Self {
        Self {
            bound: Some(bound),
            ..Self::of(metric)
        }
    }
}

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = '{';
        for pair in self.pairs {
            write!(
                f,
                "{separator}{}=\"{}\"",
                pair.name(),
                Escaped(pair.value())
            )?;
            separator = ',';
        }
        if let Some(bound) = self.bound {
            write!(f, "{separator}le=\"{}\"", Number(bound))?;
            separator = ',';
        }
        if separator == ',' {
            f.write_char('}')
        } else {
            Ok(())
        }
    }
}

/// Text with backslash, quote and line feed escaped: otherwise a value could forge a line.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '\\' => f.write_str("\\\\"),
            '\n' => f.write_str("\\n"),
            '"' => f.write_str("\\\""),
            c => f.write_char(c),
        })
    }
}

/// Seconds since 1970, with three decimals.
struct Time(SystemTime);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.0.duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or_default();
        write!(f, "{}.{:03}", since.as_secs(), since.subsec_millis())
    }
}

/// A number as the specification writes it: `1.0`, never `1`, and `+Inf`.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_infinite() {
            f.write_str(if self.0 > 0.0 { "+Inf" } else { "-Inf" })
        } else {
            // `Debug` keeps the point that `Display` leaves out.
            write!(f, "{:?}", self.0)
        }
    }
}
