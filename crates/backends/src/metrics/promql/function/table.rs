//! The table of the functions of the language.

use super::{Function, Run, ToScalar, ToVector};
use crate::metrics::promql::{
    math::{Window, calendar, each, over_time, rate},
    value::ValueType::{self, Matrix, Scalar, String, Vector},
};

pub(super) static FUNCTIONS: [Function; 73] = [
    over("rate", rate::rate),
    over("irate", rate::irate),
    over("increase", rate::increase),
    over("delta", rate::delta),
    over("idelta", rate::idelta),
    over("deriv", over_time::slope),
    over("changes", over_time::changes),
    over("resets", over_time::resets),
    over("avg_over_time", over_time::avg),
    over("min_over_time", over_time::min),
    over("max_over_time", over_time::max),
    over("sum_over_time", over_time::sum),
    over("count_over_time", over_time::count),
    one_of("first_over_time", over_time::first),
    one_of("last_over_time", over_time::last),
    over("present_over_time", over_time::present),
    over("stddev_over_time", over_time::stddev),
    over("stdvar_over_time", over_time::stdvar),
    each("abs", f64::abs),
    each("ceil", f64::ceil),
    each("floor", f64::floor),
    each("exp", f64::exp),
    each("ln", f64::ln),
    each("log2", f64::log2),
    each("log10", f64::log10),
    each("sqrt", f64::sqrt),
    each("sgn", each::sign),
    each("acos", f64::acos),
    each("acosh", f64::acosh),
    each("asin", f64::asin),
    each("asinh", f64::asinh),
    each("atan", f64::atan),
    each("atanh", f64::atanh),
    each("cos", f64::cos),
    each("cosh", f64::cosh),
    each("sin", f64::sin),
    each("sinh", f64::sinh),
    each("tan", f64::tan),
    each("tanh", f64::tanh),
    each("deg", f64::to_degrees),
    each("rad", f64::to_radians),
    moment("minute", calendar::minute),
    moment("hour", calendar::hour),
    moment("day_of_week", calendar::day_of_week),
    moment("day_of_month", calendar::day_of_month),
    moment("day_of_year", calendar::day_of_year),
    moment("days_in_month", calendar::days_in_month),
    moment("month", calendar::month),
    moment("year", calendar::year),
    scalar("time", &[], ToScalar::Time),
    scalar("pi", &[], ToScalar::Pi),
    scalar("scalar", &[Vector], ToScalar::Scalar),
    vector("vector", &[Scalar], ToVector::Vector),
    vector("absent", &[Vector], ToVector::Absent),
    vector("absent_over_time", &[Matrix], ToVector::AbsentOverTime),
    vector(
        "quantile_over_time",
        &[Scalar, Matrix],
        ToVector::QuantileOverTime,
    ),
    vector("predict_linear", &[Matrix, Scalar], ToVector::PredictLinear),
    vector("histogram_avg", &[Vector], ToVector::OfNativeHistograms),
    vector("histogram_count", &[Vector], ToVector::OfNativeHistograms),
    vector("histogram_stddev", &[Vector], ToVector::OfNativeHistograms),
    vector("histogram_stdvar", &[Vector], ToVector::OfNativeHistograms),
    vector("histogram_sum", &[Vector], ToVector::OfNativeHistograms),
    vector(
        "histogram_quantile",
        &[Scalar, Vector],
        ToVector::HistogramQuantile,
    ),
    vector(
        "histogram_fraction",
        &[Scalar, Scalar, Vector],
        ToVector::HistogramFraction,
    ),
    vector("sort", &[Vector], ToVector::Sort),
    vector("sort_desc", &[Vector], ToVector::SortDesc),
    vector("timestamp", &[Vector], ToVector::Timestamp),
    vector("round", &[Vector, Scalar], ToVector::Round).optional(),
    vector("clamp", &[Vector, Scalar, Scalar], ToVector::Clamp),
    vector("clamp_min", &[Vector, Scalar], ToVector::ClampMin),
    vector("clamp_max", &[Vector, Scalar], ToVector::ClampMax),
    vector(
        "label_replace",
        &[Vector, String, String, String, String],
        ToVector::LabelReplace,
    ),
    vector(
        "label_join",
        &[Vector, String, String, String],
        ToVector::LabelJoin,
    )
    .variadic(),
];

const fn each(name: &'static str, compute: fn(f64) -> f64) -> Function {
    Function::new(name, &[Vector], Vector, Run::Each(compute))
}

const fn over(name: &'static str, compute: fn(Window) -> Option<f64>) -> Function {
    Function::new(name, &[Matrix], Vector, Run::Over(compute))
}

const fn one_of(name: &'static str, compute: fn(Window) -> Option<f64>) -> Function {
    Function::new(name, &[Matrix], Vector, Run::OverKeepingName(compute))
}

const fn moment(name: &'static str, read: fn(i64) -> i64) -> Function {
    Function::new(name, &[Vector], Vector, Run::Moment(read)).optional()
}

const fn scalar(name: &'static str, takes: &'static [ValueType], run: ToScalar) -> Function {
    Function::new(name, takes, Scalar, Run::ToScalar(run))
}

const fn vector(name: &'static str, takes: &'static [ValueType], run: ToVector) -> Function {
    Function::new(name, takes, Vector, Run::ToVector(run))
}
