//! The parts of a date in UTC: `hour(…)`, `day_of_week(…)` and so on.

const DAY: i64 = 86_400;

/// Applies `read` to a moment in seconds since 1970; NaN for a number that is too large for one.
pub(crate) fn read(read: fn(i64) -> i64, seconds: f64) -> f64 {
    whole_second(seconds).map_or(f64::NAN, |second| small(read(second)))
}

pub(crate) fn minute(second: i64) -> i64 {
    second.rem_euclid(3600) / 60
}

pub(crate) fn hour(second: i64) -> i64 {
    second.rem_euclid(DAY) / 3600
}

/// From 0, which is Sunday; 1970 began on a Thursday.
pub(crate) fn day_of_week(second: i64) -> i64 {
    (second.div_euclid(DAY) + 4).rem_euclid(7)
}

pub(crate) fn day_of_month(second: i64) -> i64 {
    date(second).2
}

pub(crate) fn day_of_year(second: i64) -> i64 {
    let (year, ..) = date(second);
    second.div_euclid(DAY) - days_before(year, 1) + 1
}

pub(crate) fn days_in_month(second: i64) -> i64 {
    let (year, month, _) = date(second);
    days_before(year + month / 12, month % 12 + 1) - days_before(year, month)
}

pub(crate) fn month(second: i64) -> i64 {
    date(second).1
}

pub(crate) fn year(second: i64) -> i64 {
    date(second).0
}

/// The moment without its fraction; `None` when it is about a million years away from 1970.
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

/// Year, month and day, in the proleptic Gregorian calendar.
///
/// Years are counted from March on, so the leap day is the last of its year, and months have the same
/// lengths in every year. 400 years, a cycle, always have 146,097 days.
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
    use super::{day_of_month, day_of_week, day_of_year, days_in_month, month, year};

    #[test]
    fn moments_have_the_dates_of_the_calendar() {
        let functions: [fn(i64) -> i64; 6] = [
            year,
            month,
            day_of_month,
            day_of_week,
            day_of_year,
            days_in_month,
        ];
        for (second, expected) in [
            (0, [1970, 1, 1, 4, 1, 31]),
            (951_782_400, [2000, 2, 29, 2, 60, 29]),
            (1_709_164_800, [2024, 2, 29, 4, 60, 29]),
            (1_735_689_599, [2024, 12, 31, 2, 366, 31]),
            (-1, [1969, 12, 31, 3, 365, 31]),
            (-2_203_891_200, [1900, 3, 1, 4, 60, 31]),
        ] {
            let read = functions.map(|read| read(second));
            assert_eq!(read, expected, "{second}");
        }
    }
}
