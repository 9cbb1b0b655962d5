//! Calls of functions.

use super::{Evaluation, label};
use crate::metrics::{
    number::seconds,
    promql::{
        ast::Expr,
        error::EvalError,
        function::{Function, Run, ToScalar, ToVector},
        math::{calendar, each, over_time},
        value::{Row, Value, map},
    },
    tsdb::Labels,
};

impl Evaluation<'_> {
    pub(super) fn call(&self, function: &Function, given: &[Expr]) -> Result<Value, EvalError> {
        let rows = match function.run {
            Run::ToScalar(run) => return self.scalar_of(run, given).map(Value::Scalar),
            Run::ToVector(run) => self.vector_of(run, given),
            Run::Each(compute) => map(self.vector(&given[0])?, |_, value| compute(value)),
            Run::Over(compute) => self.over(&self.windows(&given[0])?, |_, it| compute(it)),
            Run::OverKeepingName(compute) => {
                self.over_keeping_name(&self.windows(&given[0])?, |_, it| compute(it))
            }
            Run::Moment(read) => self.moment(read, given),
        };
        rows.map(Value::Vector)
    }

    fn scalar_of(&self, run: ToScalar, given: &[Expr]) -> Result<Vec<f64>, EvalError> {
        Ok(match run {
            ToScalar::Pi => self.constant(std::f64::consts::PI),
            ToScalar::Scalar => self.only(&self.vector(&given[0])?),
            ToScalar::Time => self.timeline.moments().map(seconds).collect(),
        })
    }

    fn vector_of(&self, run: ToVector, given: &[Expr]) -> Result<Vec<Row>, EvalError> {
        let scalar = |index: usize| self.scalar(&given[index]);
        let vector = |index: usize| self.vector(&given[index]);
        match run {
            ToVector::Absent => Ok(self.absent(&vector(0)?, &given[0])),
            ToVector::AbsentOverTime => {
                // Rows keep their names: two metrics may have the same labels otherwise.
                let present =
                    self.over_keeping_name(&self.windows(&given[0])?, |_, _| Some(1.0))?;
                Ok(self.absent(&present, &given[0]))
            }
            ToVector::Clamp => clamped(vector(0)?, &scalar(1)?, &scalar(2)?),
            ToVector::ClampMax => {
                clamped(vector(0)?, &self.constant(f64::NEG_INFINITY), &scalar(1)?)
            }
            ToVector::ClampMin => clamped(vector(0)?, &scalar(1)?, &self.constant(f64::INFINITY)),
            ToVector::HistogramFraction => {
                self.histogram_fraction(&scalar(0)?, &scalar(1)?, &vector(2)?)
            }
            ToVector::HistogramQuantile => self.histogram_quantile(&scalar(0)?, &vector(1)?),
            ToVector::LabelJoin => label::join(vector(0)?, &texts(&given[1..])),
            ToVector::LabelReplace => label::replace(vector(0)?, &texts(&given[1..])),
            ToVector::OfNativeHistograms => vector(0).map(|_| Vec::new()),
            ToVector::PredictLinear => self.predicted(&given[0], &scalar(1)?),
            ToVector::QuantileOverTime => self.quantiles(&scalar(0)?, &given[1]),
            ToVector::Round => {
                let multiple = match given.get(1) {
                    Some(expr) => self.scalar(expr)?,
                    None => self.constant(1.0),
                };
                map(vector(0)?, |step, it| each::round(it, multiple[step]))
            }
            ToVector::Sort => Ok(sorted(vector(0)?, false)),
            ToVector::SortDesc => Ok(sorted(vector(0)?, true)),
            ToVector::Timestamp => self.timestamps(&given[0]),
            ToVector::Vector => {
                let values = scalar(0)?.into_iter().map(Some).collect();
                Ok(vec![Row::new(Labels::default(), values)])
            }
        }
    }

    /// The same number at each step.
    fn constant(&self, number: f64) -> Vec<f64> {
        vec![number; self.timeline.steps]
    }

    fn moment(&self, read: fn(i64) -> i64, given: &[Expr]) -> Result<Vec<Row>, EvalError> {
        if let Some(expr) = given.first() {
            return map(self.vector(expr)?, |_, value| calendar::read(read, value));
        }
        let moments = self.timeline.moments();
        let values = moments.map(|moment| Some(calendar::read(read, seconds(moment).floor())));
        Ok(vec![Row::new(Labels::default(), values.collect())])
    }

    fn quantiles(&self, parts: &[f64], expr: &Expr) -> Result<Vec<Row>, EvalError> {
        self.over(&self.windows(expr)?, |step, window| {
            Some(over_time::quantile(parts[step], window.values().collect()))
        })
    }

    fn predicted(&self, expr: &Expr, after: &[f64]) -> Result<Vec<Row>, EvalError> {
        let moments: Vec<_> = self.timeline.moments().collect();
        self.over(&self.windows(expr)?, |step, window| {
            over_time::predict(window, moments[step], after[step])
        })
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

    /// When each sample was taken; what is computed has the time of its step.
    fn timestamps(&self, expr: &Expr) -> Result<Vec<Row>, EvalError> {
        if let Expr::Selector(selector) = expr {
            let rows = self.newest(selector, |sample| seconds(sample.at))?;
            return map(rows, |_, value| value);
        }
        let moments: Vec<_> = self.timeline.moments().map(seconds).collect();
        map(self.vector(expr)?, |step, _| moments[step])
    }
}

fn clamped(mut rows: Vec<Row>, least: &[f64], most: &[f64]) -> Result<Vec<Row>, EvalError> {
    for row in &mut rows {
        for (step, value) in row.values.iter_mut().enumerate() {
            // No value is left when the lower bound is above the upper one.
            let (least, most) = (least[step], most[step]);
            *value = value.filter(|_| least <= most || least.is_nan() || most.is_nan());
        }
    }
    map(rows, |step, value| {
        each::clamp(value, (least[step], most[step]))
    })
}

fn texts(given: &[Expr]) -> Vec<String> {
    let texts = given.iter().map(|expr| match expr {
        Expr::String(text) => text.clone(),
        _ => String::new(),
    });
    texts.collect()
}

/// Sorts the rows of an instant query by value; those of a range query have no such order.
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
