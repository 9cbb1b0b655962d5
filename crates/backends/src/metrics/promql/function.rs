use super::ast::Kind::{self, Range, Scalar, Text, Vector};

/// A function of the language: its name, and what goes in and out.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(super) takes: &'static [Kind],
    /// How many of those may be left out at the end.
    pub(super) optional: usize,
    /// Whether the last may come again and again.
    pub(super) variadic: bool,
    pub(super) returns: Kind,
}

/// Looks a function up by its name.
pub(super) fn named(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

const fn function(name: &'static str, takes: &'static [Kind], returns: Kind) -> Function {
    Function {
        name,
        takes,
        optional: 0,
        variadic: false,
        returns,
    }
}

/// What is computed of each series' samples in a time.
const fn over(name: &'static str) -> Function {
    function(name, &[Range], Vector)
}

/// What is computed of each value by itself.
const fn each(name: &'static str) -> Function {
    function(name, &[Vector], Vector)
}

/// What is computed of a moment in seconds; without one, of that of the step.
const fn of_time(name: &'static str) -> Function {
    Function {
        optional: 1,
        ..function(name, &[Vector], Vector)
    }
}

const FUNCTIONS: [Function; 73] = [
    over("rate"),
    over("irate"),
    over("increase"),
    over("delta"),
    over("idelta"),
    over("deriv"),
    over("changes"),
    over("resets"),
    over("avg_over_time"),
    over("min_over_time"),
    over("max_over_time"),
    over("sum_over_time"),
    over("count_over_time"),
    over("first_over_time"),
    over("last_over_time"),
    over("present_over_time"),
    over("absent_over_time"),
    over("stddev_over_time"),
    over("stdvar_over_time"),
    function("quantile_over_time", &[Scalar, Range], Vector),
    function("predict_linear", &[Range, Scalar], Vector),
    each("abs"),
    each("ceil"),
    each("floor"),
    each("exp"),
    each("ln"),
    each("log2"),
    each("log10"),
    each("sqrt"),
    each("sgn"),
    each("acos"),
    each("acosh"),
    each("asin"),
    each("asinh"),
    each("atan"),
    each("atanh"),
    each("cos"),
    each("cosh"),
    each("sin"),
    each("sinh"),
    each("tan"),
    each("tanh"),
    each("deg"),
    each("rad"),
    of_time("minute"),
    of_time("hour"),
    of_time("day_of_week"),
    of_time("day_of_month"),
    of_time("day_of_year"),
    of_time("days_in_month"),
    of_time("month"),
    of_time("year"),
    each("histogram_avg"),
    each("histogram_count"),
    each("histogram_stddev"),
    each("histogram_stdvar"),
    each("histogram_sum"),
    each("sort"),
    each("sort_desc"),
    each("absent"),
    each("timestamp"),
    Function {
        optional: 1,
        ..function("round", &[Vector, Scalar], Vector)
    },
    function("clamp", &[Vector, Scalar, Scalar], Vector),
    function("clamp_min", &[Vector, Scalar], Vector),
    function("clamp_max", &[Vector, Scalar], Vector),
    function("time", &[], Scalar),
    function("pi", &[], Scalar),
    function("vector", &[Scalar], Vector),
    function("scalar", &[Vector], Scalar),
    function("histogram_quantile", &[Scalar, Vector], Vector),
    function("histogram_fraction", &[Scalar, Scalar, Vector], Vector),
    function("label_replace", &[Vector, Text, Text, Text, Text], Vector),
    Function {
        optional: 1,
        variadic: true,
        ..function("label_join", &[Vector, Text, Text, Text], Vector)
    },
];
