//! Values as JSON: numbers are texts, because JSON has no infinity, and times are in seconds.

use serde::{Serialize, Serializer};

use crate::metrics::{
    number::{format_value, seconds},
    promql::{Timeline, Value},
    tsdb::{Labels, SeriesSamples},
};

/// The part `data` of an answer to a query.
#[derive(Debug, Serialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub(super) enum Answer {
    Scalar(Point<Number>),
    String(Point<String>),
    Vector(Vec<InstantSample>),
    Matrix(Vec<RangeSeries>),
}

/// The value of a series at a moment.
#[derive(Debug, Serialize)]
pub(super) struct InstantSample {
    metric: Labels,
    value: Point<Number>,
}

/// The values of a series over a time.
#[derive(Debug, Serialize)]
pub(super) struct RangeSeries {
    metric: Labels,
    values: Vec<Point<Number>>,
}

/// `[1700000000.123, "0.5"]`
#[derive(Debug)]
pub(super) struct Point<T> {
    at: i64,
    value: T,
}

/// Formatted only when the answer is written: an answer may have millions of numbers.
#[derive(Debug)]
pub(super) struct Number(f64);

impl Point<Number> {
    fn new(at: i64, value: f64) -> Self {
        Self {
            at,
            value: Number(value),
        }
    }
}

impl<T: Serialize> Serialize for Point<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = &self.value;
        // A whole second has no fraction in Prometheus' answers.
        if self.at % 1000 == 0 {
            (self.at / 1000, value).serialize(serializer)
        } else {
            (seconds(self.at), value).serialize(serializer)
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format_value(self.0))
    }
}

impl Answer {
    /// At one moment.
    pub(super) fn instant(value: Value, at: i64) -> Self {
        match value {
            Value::Scalar(numbers) => Self::Scalar(Point::new(at, numbers[0])),
            Value::String(value) => Self::String(Point { at, value }),
            Value::Vector(rows) => {
                let there = rows.into_iter().filter_map(|row| {
                    let value = Point::new(at, row.values[0]?);
                    let metric = row.labels;
                    Some(InstantSample { metric, value })
                });
                Self::Vector(there.collect())
            }
            Value::Matrix(series) => Self::Matrix(series.into_iter().map(samples).collect()),
        }
    }

    /// Over a time.
    pub(super) fn range(value: Value, timeline: Timeline) -> Self {
        let mut rows = value.into_rows().unwrap_or_default();
        rows.sort_by(|a, b| a.labels.cmp(&b.labels));
        let lines = rows.into_iter().map(|row| {
            let values = timeline.moments().zip(row.values);
            let values = values.filter_map(|(at, value)| Some(Point::new(at, value?)));
            RangeSeries {
                metric: row.labels,
                values: values.collect(),
            }
        });
        Self::Matrix(lines.collect())
    }
}

fn samples(series: SeriesSamples) -> RangeSeries {
    let samples = series.samples.iter();
    RangeSeries {
        metric: series.labels,
        values: samples.map(|it| Point::new(it.at, it.value)).collect(),
    }
}
