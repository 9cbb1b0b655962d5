//! Calls of functions.

use std::collections::HashSet;

use super::{
    Evaluation, Row, Value, each, label, over_time,
    rate::{Growth, growth, latest},
    window::Window,
};
use crate::metrics::{
    number::seconds,
    promql::{ast::Expr, error::EvalError, function::Function},
    tsdb::{Labels, NAME},
};

impl Evaluation<'_> {
    pub(super) fn call(&self, function: &Function, given: &[Expr]) -> Result<Value, EvalError> {
        let scalar = match function.name {
            "time" => self.timeline.moments().map(seconds).collect(),
            "pi" => vec![std::f64::consts::PI; self.timeline.steps],
            "scalar" => self.only(&self.vector(&given[0])?),
            _ => return self.vector_of(function.name, given).map(Value::Vector),
        };
        Ok(Value::Scalar(scalar))
    }

    fn vector_of(&self, name: &str, given: &[Expr]) -> Result<Vec<Row>, EvalError> {
        if let Some(compute) = over_time::named(name) {
            return self.of_samples(name, given, compute);
        }
        if let Some(compute) = each::named(name) {
            return each::map(self.vector(&given[0])?, |_, value| compute(value));
        }
        if let Some(rows) = self.calendar(name, given) {
            return rows;
        }
        match name {
            "rate" => self.of_windows(given, |window| growth(Growth::Rate, window)),
            "increase" => self.of_windows(given, |window| growth(Growth::Increase, window)),
            "delta" => self.of_windows(given, |window| growth(Growth::Delta, window)),
            "irate" => self.of_windows(given, |window| latest(true, window)),
            "idelta" => self.of_windows(given, |window| latest(false, window)),
            "absent" => Ok(self.absent(&self.vector(&given[0])?, &given[0])),
            "absent_over_time" => {
                // With their names: two metrics may have the same labels otherwise.
                let windows = self.windows(&given[0])?;
                let present = self.over_keeping_name(&windows, |_, _| Some(1.0))?;
                Ok(self.absent(&present, &given[0]))
            }
            "histogram_quantile" => {
                self.histogram_quantile(&self.scalar(&given[0])?, &self.vector(&given[1])?)
            }
            "histogram_fraction" => self.histogram_fraction(
                &self.scalar(&given[0])?,
                &self.scalar(&given[1])?,
                &self.vector(&given[2])?,
            ),
            // Of native histograms, of which there are none.
            "histogram_avg" | "histogram_count" | "histogram_stddev" | "histogram_stdvar"
            | "histogram_sum" => self.vector(&given[0]).map(|_| Vec::new()),
            "label_replace" => label::replace(self.vector(&given[0])?, &texts(&given[1..])),
            "label_join" => label::join(self.vector(&given[0])?, &texts(&given[1..])),
            _ => self.with_numbers(name, given),
        }
    }

    fn of_samples(
        &self,
        name: &str,
        given: &[Expr],
        compute: fn(Window) -> Option<f64>,
    ) -> Result<Vec<Row>, EvalError> {
        let windows = self.windows(&given[0])?;
        match name {
            // It is still that thing.
            "first_over_time" | "last_over_time" => {
                self.over_keeping_name(&windows, |_, window| compute(window))
            }
            _ => self.over(&windows, |_, window| compute(window)),
        }
    }

    fn of_windows(
        &self,
        given: &[Expr],
        compute: impl Fn(Window) -> Option<f64>,
    ) -> Result<Vec<Row>, EvalError> {
        self.over(&self.windows(&given[0])?, |_, window| compute(window))
    }

    /// Functions whose numbers may be others at each step, and the rest.
    fn with_numbers(&self, name: &str, given: &[Expr]) -> Result<Vec<Row>, EvalError> {
        let numbers = |index: usize| match given.get(index) {
            Some(expr) => self.scalar(expr),
            None => Ok(vec![1.0; self.timeline.steps]),
        };
        match name {
            "vector" => {
                let values = numbers(0)?.into_iter().map(Some).collect();
                Ok(vec![Row::new(Labels::default(), values)])
            }
            "round" => {
                let to = numbers(1)?;
                each::map(self.vector(&given[0])?, |i, it| each::round(it, to[i]))
            }
            "clamp" | "clamp_min" | "clamp_max" => self.clamped(name, given),
            "quantile_over_time" => {
                let part = numbers(0)?;
                self.over(&self.windows(&given[1])?, |step, window| {
                    let values = window.samples.iter().map(|sample| sample.value);
                    Some(over_time::quantile(part[step], values.collect()))
                })
            }
            "predict_linear" => {
                let after = numbers(1)?;
                let moments: Vec<_> = self.timeline.moments().collect();
                self.over(&self.windows(&given[0])?, |step, window| {
                    over_time::predict(window, moments[step], after[step])
                })
            }
            "sort" => Ok(sorted(self.vector(&given[0])?, false)),
            "sort_desc" => Ok(sorted(self.vector(&given[0])?, true)),
            "timestamp" => self.timestamps(&given[0]),
            _ => Err(EvalError::new(format!("unknown function {name:?}"))),
        }
    }

    fn clamped(&self, name: &str, given: &[Expr]) -> Result<Vec<Row>, EvalError> {
        let bounds: Result<Vec<_>, _> = given[1..].iter().map(|it| self.scalar(it)).collect();
        let bounds = bounds?;
        let of_step = |step: usize| match (name, bounds.as_slice()) {
            ("clamp_min", [least]) => (least[step], f64::INFINITY),
            ("clamp_max", [most]) => (f64::NEG_INFINITY, most[step]),
            (_, bounds) => (bounds[0][step], bounds[1][step]),
        };
        let mut rows = self.vector(&given[0])?;
        for row in &mut rows {
            for (step, value) in row.values.iter_mut().enumerate() {
                // Nothing is between bounds that cross.
                let (least, most) = of_step(step);
                *value = value.filter(|_| least <= most || least.is_nan() || most.is_nan());
            }
        }
        each::map(rows, |step, value| each::clamp(value, of_step(step)))
    }

    /// The value of the one row that has one; NaN when there are none or more.
    fn only(&self, rows: &[Row]) -> Vec<f64> {
        let of_step = |step: usize| {
            let mut there = rows.iter().filter_map(|row| row.values[step]);
            match (there.next(), there.next()) {
                (Some(only), None) => only,
                _ => f64::NAN,
            }
        };
        (0..self.timeline.steps).map(of_step).collect()
    }

    /// One where there is nothing, with the labels that were asked for by their value.
    fn absent(&self, rows: &[Row], expr: &Expr) -> Vec<Row> {
        let missing = |step: usize| {
            let is_missing = rows.iter().all(|row| row.values[step].is_none());
            is_missing.then_some(1.0)
        };
        let values = (0..self.timeline.steps).map(missing).collect();
        let row = Row::new(demanded(expr), values);
        if row.is_empty() {
            Vec::new()
        } else {
            vec![row]
        }
    }

    /// When each sample was taken; what is computed has the time of its step.
    fn timestamps(&self, expr: &Expr) -> Result<Vec<Row>, EvalError> {
        if let Expr::Selector(selector) = expr {
            let rows = self.newest(selector, |sample| seconds(sample.at))?;
            return each::map(rows, |_, value| value);
        }
        let moments: Vec<_> = self.timeline.moments().map(seconds).collect();
        each::map(self.vector(expr)?, |step, _| moments[step])
    }
}

fn texts(given: &[Expr]) -> Vec<String> {
    let texts = given.iter().map(|expr| match expr {
        Expr::Text(text) => text.clone(),
        _ => String::new(),
    });
    texts.collect()
}

/// By the value of the one step; over several steps there is no order.
fn sorted(mut rows: Vec<Row>, descending: bool) -> Vec<Row> {
    if let [row, ..] = rows.as_slice()
        && row.values.len() == 1
    {
        let key = |row: &Row| row.values[0].unwrap_or(f64::NAN);
        rows.sort_by(|a, b| {
            let (a, b) = (key(a), key(b));
            let order = if descending {
                b.total_cmp(&a)
            } else {
                a.total_cmp(&b)
            };
            a.is_nan().cmp(&b.is_nan()).then(order)
        });
    }
    rows
}

/// The labels that a selector demands by one value: the first that does, if no demand for the same
/// label follows.
fn demanded(expr: &Expr) -> Labels {
    let (Expr::Selector(selector) | Expr::Range(selector, _)) = expr else {
        return Labels::default();
    };
    let named = selector.matchers.iter().filter(|it| *it.name != *NAME);
    let mut seen = HashSet::new();
    named.fold(Labels::default(), |labels, matcher| {
        let value = matcher.exact().filter(|_| !seen.contains(&matcher.name));
        if value.is_some() {
            seen.insert(matcher.name.clone());
        }
        labels.with(&matcher.name, value.map_or("", |it| it))
    })
}
