//! What the Monitor page asks for.

use std::time::Duration;

use crate::{
    time::LAST_MILLISECOND,
    traces::{
        jaeger::{parameters::BadParameter, parameters::Parameters},
        model::SpanKind,
    },
};

/// The parameters that a request may have once.
pub(crate) const SINGLE: [&str; 6] = [
    "groupByOperation",
    "quantile",
    "ratePer",
    "step",
    "lookback",
    "endTs",
];

/// The parameters that a request may have more than once.
pub(crate) const REPEATED: [&str; 2] = ["service", "spanKind"];

/// As many points as Prometheus gives at most.
const MAX_POINTS: u64 = 11_000;

/// One of the three metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    /// In milliseconds.
    Latencies,
    /// Calls per second.
    Calls,
    /// The share of the calls that failed, 0 to 1.
    Errors,
}

/// A request for one metric over a range of time. All times are in milliseconds.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) metric: Metric,
    pub(crate) services: Vec<String>,
    pub(crate) by_operation: bool,
    /// Empty stands for the kind SERVER, as in Jaeger.
    pub(crate) kinds: Vec<SpanKind>,
    pub(crate) quantile: f64,
    /// Each point stands for the spans that ended in this time before it.
    pub(crate) window: u64,
    step: u64,
    lookback: u64,
    end: u64,
}

impl Metric {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "latencies" => Some(Self::Latencies),
            "calls" => Some(Self::Calls),
            "errors" => Some(Self::Errors),
            _ => None,
        }
    }
}

impl Request {
    /// Reads the parameters; `now` is in nanoseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`BadParameter`] names the first one that cannot be read or is out of range.
    pub(crate) fn read(
        metric: Metric,
        parameters: &Parameters,
        now: u64,
    ) -> Result<Self, BadParameter> {
        let millis = |name, default: Duration, max: u64| {
            let range = |text: &str| text.parse().ok().filter(|n| (1..=max).contains(n));
            let found = parameters.one(name, "a number of milliseconds in range", range)?;
            Ok(found.unwrap_or(u64::try_from(default.as_millis()).unwrap_or(max)))
        };
        let lookback = millis("lookback", Duration::from_hours(1), LAST_MILLISECOND)?;
        let step = millis("step", Duration::from_mins(1), LAST_MILLISECOND)?;
        let quantile = parameters.one("quantile", "a number from 0 to 1", |text| {
            text.parse()
                .ok()
                .filter(|number| (0.0..=1.0).contains(number))
        })?;
        let separate = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let services: Vec<_> = parameters.all("service").flat_map(separate).collect();
        if services.is_empty() {
            return Err(BadParameter {
                name: "service".into(),
                value: String::new(),
                expected: "the name of a service".into(),
            });
        }
        Ok(Self {
            metric,
            services,
            by_operation: parameters.switch("groupByOperation")?,
            kinds: parameters.kinds("spanKind")?,
            quantile: quantile.unwrap_or(0.95),
            window: millis("ratePer", Duration::from_mins(10), LAST_MILLISECOND)?,
            step: step.max(lookback / MAX_POINTS),
            lookback,
            end: millis("endTs", Duration::from_nanos(now), LAST_MILLISECOND)?,
        })
    }

    /// The times of the points, the earliest first.
    pub(crate) fn times(&self) -> impl Iterator<Item = u64> {
        let steps = self.lookback / self.step;
        (0..=steps)
            .rev()
            .map(|step| self.end.saturating_sub(step * self.step))
    }

    /// Whether spans of this kind count.
    pub(crate) fn counts(&self, kind: SpanKind) -> bool {
        self.kinds.contains(&kind) || (self.kinds.is_empty() && kind == SpanKind::Server)
    }
}
