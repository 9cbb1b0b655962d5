//! Twenty minutes of three services, with all that can go wrong: a restart, a gap, a series that
//! begins late and one that ends early.

mod odd;
mod tables;

use crate::metrics::{
    number::{count, whole},
    tsdb::{Sample, SeriesSamples},
};
use odd::{ODD_SUMS, ODD_VALUES, ROUTES};
use tables::{ANSWERS, BOUNDS, CALLS, CODES, OF_ALL, OF_EACH};

/// The first sample, in milliseconds since 1970. No sample is at a whole second, where versions of
/// Prometheus differ in whether a range begins with it.
pub(super) const START: i64 = 1_700_000_000_300;

/// The last sample.
pub(super) const END: i64 = START + 239 * INTERVAL;

const INTERVAL: i64 = 5_000;

const ROUNDS: usize = 240;

/// The round in which the user service restarts.
const RESTART: usize = 100;

/// Whether a series has a sample in a round.
type Life = fn(usize) -> bool;

const ALWAYS: Life = |_| true;
const WITH_GAP: Life = |round| !(60..90).contains(&round);
const LATE: Life = |round| round >= 120;
const ENDS: Life = |round| round < 150;

/// The values of a series.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Grows by about this much a round.
    Counter(f64),
    Gauge(fn(usize) -> f64),
}

/// All series.
pub(super) fn series() -> Vec<SeriesSamples> {
    let mut all = Vec::new();
    for (process, service, method, calls, life) in ANSWERS {
        let labels = format!("service_name={process},service={service},method={method}");
        histograms(&mut all, "grpc_rpc_duration_seconds", &labels, calls, life);
        let is_stream = method.starts_with("Watch");
        let kind = if is_stream { "server_stream" } else { "unary" };
        let started = format!("{labels},type={kind}");
        let calls = Shape::Counter(calls);
        all.push(one("grpc_rpc_started_total", &started, calls, life));
        all.push(one(
            "grpc_rpc_messages_received_total",
            &labels,
            calls,
            life,
        ));
        all.push(one("grpc_rpc_messages_sent_total", &labels, calls, life));
    }
    all.extend(calls());
    for (process, life) in [("gateway", ALWAYS), ("user", ALWAYS), ("profile", WITH_GAP)] {
        let each = OF_EACH.iter().map(|(name, label, shape)| {
            let labels = format!("service_name={process},{label}");
            one(name, &labels, *shape, life)
        });
        all.extend(each);
    }
    let once = OF_ALL.iter();
    all.extend(once.map(|(name, labels, shape)| one(name, labels, *shape, ALWAYS)));
    all.extend(odd());
    all
}

/// Series that no service of this repository has, and that others may have.
fn odd() -> impl Iterator<Item = SeriesSamples> {
    let routes = ROUTES
        .iter()
        .map(|route| odd_one("odd_route", "route", route, wave));
    let values = ODD_VALUES.iter();
    let values = values.map(|(name, value)| odd_one("odd_value", "name", name, *value));
    let sums = ODD_SUMS.iter();
    let sums = sums.map(|(name, value)| odd_one("odd_sum", "name", name, *value));
    let named = ["x", "y"];
    let named = named.map(|value| odd_one("my.metric", "label.name", value, part));
    routes.chain(values).chain(sums).chain(named)
}

fn odd_one(name: &str, label: &str, value: &str, shape: fn(usize) -> f64) -> SeriesSamples {
    let mut series = one(name, "", Shape::Gauge(shape), ALWAYS);
    series.labels = series.labels.with(label, value);
    series
}

/// The metrics of the calling services.
fn calls() -> Vec<SeriesSamples> {
    let mut all = Vec::new();
    for (process, service, method, calls) in CALLS {
        let labels =
            format!("service_name={process},service={service},method={method},target=next");
        histograms(
            &mut all,
            "grpc_client_rpc_duration_seconds",
            &labels,
            calls,
            ALWAYS,
        );
        histograms(
            &mut all,
            "grpc_client_attempt_duration_seconds",
            &labels,
            calls,
            LATE,
        );
    }
    all
}

/// A histogram for each code.
fn histograms(all: &mut Vec<SeriesSamples>, name: &str, labels: &str, calls: f64, life: Life) {
    for (code, part) in CODES {
        let labels = format!("{labels},code={code}");
        let calls = calls * part;
        for (place, bound) in BOUNDS.split(' ').enumerate() {
            let labels = format!("{labels},le={bound}");
            let below = Shape::Counter(calls * count(place + 1) / 8.0);
            all.push(one(&format!("{name}_bucket"), &labels, below, life));
        }
        all.push(one(
            &format!("{name}_count"),
            &labels,
            Shape::Counter(calls),
            life,
        ));
        let seconds = Shape::Counter(calls * 0.037);
        all.push(one(&format!("{name}_sum"), &labels, seconds, life));
    }
}

/// One series; `labels` are written `a=b,c=d`.
fn one(name: &str, labels: &str, shape: Shape, life: Life) -> SeriesSamples {
    let restarts = labels.starts_with("service_name=user");
    let value = |round| match shape {
        Shape::Counter(step) if restarts && round >= RESTART => counted(step, round - RESTART),
        Shape::Counter(step) => counted(step, round),
        Shape::Gauge(value) => value(round),
    };
    let labels = labels.split(',').filter_map(|label| label.split_once('='));
    let own = [
        ("__name__", name),
        ("job", "grpc-services"),
        ("instance", "a:1"),
    ];
    let rounds = (0..ROUNDS).zip(0_i64..).filter(|(round, _)| life(*round));
    let samples = rounds.map(|(round, step)| Sample {
        at: START + step * INTERVAL,
        value: value(round),
    });
    SeriesSamples {
        labels: labels.chain(own).collect(),
        samples: samples.collect(),
    }
}

/// The value of a counter after `rounds` rounds: a number of calls, or a sum of durations.
fn counted(step: f64, rounds: usize) -> f64 {
    let grown = step * (count(rounds) + 0.3 * (count(rounds)).sin());
    let grown = grown.max(0.0);
    if step < 0.5 {
        grown
    } else {
        count(whole(grown, 1_000_000))
    }
}

/// Up and down between 0 and 10.
fn wave(round: usize) -> f64 {
    (count(round) * 0.7).sin() * 5.0 + 5.0
}

/// Between 0 and 1.
fn part(round: usize) -> f64 {
    wave(round) / 10.0
}
