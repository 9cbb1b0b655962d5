//! `hour(…)`, `day_of_week(…)` and their like, in UTC.

use super::{Evaluation, Row, each};
use crate::metrics::{
    number::seconds,
    promql::{ast::Expr, error::EvalError},
    tsdb::Labels,
};

const DAY: i64 = 86_400;

/// What a function reads off a moment in seconds; `None` for a name that is not one of them.
fn named(name: &str) -> Option<fn(i64) -> i64> {
    Some(match name {
        "minute" => |second| second.rem_euclid(3600) / 60,
        "hour" => |second| second.rem_euclid(DAY) / 3600,
        // 1970 began on a Thursday.
        "day_of_week" => |second| (second.div_euclid(DAY) + 4).rem_euclid(7),
        "day_of_month" => |second| date(second).2,
        "day_of_year" => |second| {
            let (year, ..) = date(second);
            second.div_euclid(DAY) - days_before(year, 1) + 1
        },
        "days_in_month" => |second| {
            let (year, month, _) = date(second);
            days_before(year + month / 12, month % 12 + 1) - days_before(year, month)
        },
        "month" => |second| date(second).1,
        "year" => |second| date(second).0,
        _ => return None,
    })
}

impl Evaluation<'_> {
    /// `None` where the function is not about a moment.
    pub(super) fn calendar(
        &self,
        name: &str,
        given: &[Expr],
    ) -> Option<Result<Vec<Row>, EvalError>> {
        let read = named(name)?;
        let read = move |second: f64| whole_second(second).map_or(f64::NAN, |it| small(read(it)));
        Some(if let Some(expr) = given.first() {
            let rows = self.vector(expr);
            rows.and_then(|rows| each::map(rows, |_, value| read(value)))
        } else {
            let moments = self.timeline.moments();
            let values = moments.map(|moment| Some(read(seconds(moment).floor())));
            Ok(vec![Row::new(Labels::default(), values.collect())])
        })
    }
}

/// Without its fraction; `None` for what is no moment of the next or last million years.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is out of range has been refused"
)]
fn whole_second(value: f64) -> Option<i64> {
    (value.abs() < 3e13).then_some(value as i64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a year has seven digits at most"
)]
fn small(number: i64) -> f64 {
    number as f64
}

/// Year, month and day. Years are counted from March on: the day that comes and goes is the last.
fn date(second: i64) -> (i64, i64, i64) {
    // From the first of March of a year that begins a cycle of 400 years, all of one length.
    let day = second.div_euclid(DAY) + 719_468;
    let (cycle, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months have 153 days, from March and from August on.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = cycle * 400 + year + i64::from(month <= 2);
    (year, month, day)
}

/// Days from 1970 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * month + 2) / 5;
    cycle * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn moments_have_the_dates_of_the_calendar() {
        let names = [
            "year",
            "month",
            "day_of_month",
            "day_of_week",
            "day_of_year",
            "days_in_month",
        ];
        for (second, expected) in [
            (0, [1970, 1, 1, 4, 1, 31]),
            (951_782_400, [2000, 2, 29, 2, 60, 29]),
            (1_709_164_800, [2024, 2, 29, 4, 60, 29]),
            (1_735_689_599, [2024, 12, 31, 2, 366, 31]),
            (-1, [1969, 12, 31, 3, 365, 31]),
            (-2_203_891_200, [1900, 3, 1, 4, 60, 31]),
        ] {
            let read = names.map(|name| named(name).unwrap()(second));
            assert_eq!(read, expected, "{second}");
        }
    }
}
