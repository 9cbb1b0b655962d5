//! What a function of the language is: its name, arguments and result, and what is run.

mod table;

use super::{math::Window, value::ValueType};
use table::FUNCTIONS;

/// A function of the language.
#[derive(Debug)]
pub(crate) struct Function {
    pub(super) name: &'static str,
    pub(super) takes: &'static [ValueType],
    /// How many arguments may be left out at the end.
    pub(super) optional: usize,
    /// Whether the last argument may be repeated.
    pub(super) variadic: bool,
    pub(super) returns: ValueType,
    pub(super) run: Run,
}

/// How a function is computed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Run {
    /// Of each value by itself.
    Each(fn(f64) -> f64),
    /// Of each series' samples in the window of each step.
    Over(fn(Window) -> Option<f64>),
    /// The same, where the result is a sample of the series and keeps the metric's name.
    OverKeepingName(fn(Window) -> Option<f64>),
    /// Of a moment in seconds since 1970: each value or, without an argument, the time of the step.
    Moment(fn(i64) -> i64),
    ToScalar(ToScalar),
    ToVector(ToVector),
}

/// The functions that result in a scalar.
#[derive(Clone, Copy, Debug)]
pub(super) enum ToScalar {
    Pi,
    Scalar,
    Time,
}

/// The functions that take their arguments in a way of their own.
#[derive(Clone, Copy, Debug)]
pub(super) enum ToVector {
    Absent,
    AbsentOverTime,
    Clamp,
    ClampMax,
    ClampMin,
    HistogramFraction,
    HistogramQuantile,
    LabelJoin,
    LabelReplace,
    /// Functions of native histograms, which are not kept: the result is empty.
    OfNativeHistograms,
    PredictLinear,
    QuantileOverTime,
    Round,
    Sort,
    SortDesc,
    Timestamp,
    Vector,
}

/// Looks a function up by its name.
pub(super) fn named(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

impl Function {
    const fn new(
        name: &'static str,
        takes: &'static [ValueType],
        returns: ValueType,
        run: Run,
    ) -> Self {
        Self {
            name,
            takes,
            optional: 0,
            variadic: false,
            returns,
            run,
        }
    }

    /// The last argument may be left out.
    const fn optional(self) -> Self {
        Self {
            optional: 1,
            ..self
        }
    }

    /// The last argument may be left out or repeated.
    const fn variadic(self) -> Self {
        Self {
            optional: 1,
            variadic: true,
            ..self
        }
    }
}
