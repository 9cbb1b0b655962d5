//! Series with labels and values that are easy to get wrong.

use super::part;
use crate::metrics::number::count;

/// Routes as frameworks write them, and what a pattern may take for something else.
pub(super) const ROUTES: [&str; 14] = [
    "/v1/users/{id}",
    "/v1/users/:id",
    "/v1/users/[0-9]+",
    "/a'b",
    "/a\\d",
    "/7",
    "/\u{665}",
    "/\u{e4}",
    "/\u{c4}",
    "/k",
    "/\u{212a}",
    "/line\nbreak",
    "/a b",
    "user",
];

/// The name of a series, and its value in each round.
type Odd = (&'static str, fn(usize) -> f64);

/// Values that are no ordinary numbers.
pub(super) const ODD_VALUES: [Odd; 5] = [
    ("nan", |round| if round % 3 == 0 { f64::NAN } else { 1.0 }),
    (
        "inf",
        |round| if round % 5 == 0 { f64::INFINITY } else { 2.0 },
    ),
    ("-inf", |round| {
        if round % 7 == 0 {
            f64::NEG_INFINITY
        } else {
            3.0
        }
    }),
    ("small", |_| 5e-324),
    ("negative", |round| -1.5 - count(round % 4)),
];

/// Values that cancel out: a sum is wrong if one addition loses the smaller value.
pub(super) const ODD_SUMS: [Odd; 5] = [
    ("large", |round| if round % 2 == 0 { 1e100 } else { 1.0 }),
    (
        "minus large",
        |round| if round % 2 == 0 { -1e100 } else { 1.0 },
    ),
    ("tenth", |_| 0.1),
    ("huge", |_| 1.5e308),
    ("offset", |round| 1e9 + part(round)),
];
