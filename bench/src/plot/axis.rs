//! Where a value is on an axis, and which values are named there.

use serde::Serialize;

use super::number::short;

/// One axis: from the least to the greatest value that is drawn.
#[derive(Clone, Debug, Serialize)]
#[serde(into = "String")]
pub(crate) struct Axis {
    /// What is drawn, with its unit.
    label: String,
    is_log: bool,
    /// Values with names of their own; else round ones are taken.
    named: Vec<(f64, String)>,
    from: f64,
    to: f64,
}

impl Axis {
    /// From zero on; equal steps are equal lengths.
    pub(crate) fn linear(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            is_log: false,
            named: Vec::new(),
            from: 0.0,
            to: 0.0,
        }
    }

    /// Equal ratios are equal lengths; all values must be above zero.
    pub(crate) fn log(label: &str) -> Self {
        Self {
            is_log: true,
            ..Self::linear(label)
        }
    }

    /// Names these values alone.
    pub(crate) fn named(mut self, values: impl IntoIterator<Item = (f64, String)>) -> Self {
        self.named = values.into_iter().collect();
        self
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Makes room for all of these values.
    pub(super) fn fit(mut self, values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<_> = values.into_iter().collect();
        let most = values.iter().copied().fold(f64::MIN, f64::max);
        self.to = most;
        if self.is_log {
            self.from = values.iter().copied().fold(f64::MAX, f64::min);
        } else {
            let step = step(most);
            self.to = (most / step).ceil() * step;
        }
        self
    }

    /// Lets a logarithmic axis begin and end at values that have a name.
    pub(super) fn widen(mut self) -> Self {
        if self.is_log {
            let round = round_values(self.from, self.to);
            let below = round.iter().rev().find(|it| **it <= self.from);
            let above = round.iter().find(|it| **it >= self.to);
            self.from = below.copied().unwrap_or(self.from);
            self.to = above.copied().unwrap_or(self.to);
        }
        self
    }

    /// From 0 at the least value to 1 at the greatest.
    pub(super) fn place(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.is_log { value.ln() } else { value };
        let length = scale(self.to) - scale(self.from);
        if length == 0.0 {
            return 0.5;
        }
        (scale(value) - scale(self.from)) / length
    }

    /// The values that are named, and their names.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        if !self.named.is_empty() {
            return self.named.clone();
        }
        let values: Vec<_> = if self.is_log {
            let all = round_values(self.from, self.to);
            let within = |it: &f64| (self.from..=self.to).contains(it);
            let all: Vec<_> = all.into_iter().filter(within).collect();
            let is_power = |it: &f64| (it.log10() - it.log10().round()).abs() < 1e-6;
            let powers: Vec<_> = all.iter().copied().filter(is_power).collect();
            // Over two decades and more the powers of ten are enough.
            if powers.len() > 2 { powers } else { all }
        } else {
            let step = step(self.to);
            let count = (0..=20).map(|it| f64::from(it) * step);
            count.take_while(|it| *it <= self.to + step / 2.0).collect()
        };
        let named = |value| (value, short(value));
        values.into_iter().map(named).collect()
    }
}

impl From<Axis> for String {
    fn from(axis: Axis) -> Self {
        axis.label
    }
}

/// 1, 2 and 5 times the powers of ten around a range.
fn round_values(from: f64, to: f64) -> Vec<f64> {
    let mut values = Vec::new();
    let mut power = 10_f64.powf(from.log10().floor());
    while power <= to * 10.0 {
        values.extend([1.0, 2.0, 5.0].map(|it| it * power));
        power *= 10.0;
    }
    values
}

/// The least of 1, 2 and 5 times a power of ten that goes into `most` at most six times.
fn step(most: f64) -> f64 {
    let least = most / 6.0;
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|it| it * power);
    let enough = steps.into_iter().find(|it| *it >= least * (1.0 - 1e-9));
    enough.unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn a_linear_axis_starts_at_zero_and_ends_at_a_round_value() {
        let axis = Axis::linear("µs").fit([12.0, 171.0]);
        assert_eq!(names(&axis), ["0", "50", "100", "150", "200"]);
        assert!((axis.place(50.0) - 0.25).abs() < 1e-9);
        let axis = Axis::linear("ratio").fit([1.84]);
        assert_eq!(names(&axis), ["0", "0.5", "1", "1.5", "2"]);
    }

    #[test]
    fn a_logarithmic_axis_names_round_values_within() {
        let axis = Axis::log("connections").fit([1.0, 1000.0]);
        assert_eq!(names(&axis), ["1", "10", "100", "1,000"]);
        assert!((axis.place(10.0) - 1.0 / 3.0).abs() < 1e-9);
        let axis = Axis::log("ms").fit([0.3, 7.0]).widen();
        assert_eq!(names(&axis), ["0.2", "0.5", "1", "2", "5", "10"]);
        assert!(axis.place(0.3) > 0.0 && axis.place(7.0) < 1.0);
    }

    #[test]
    fn values_with_names_of_their_own_replace_round_ones() {
        let named = [(2.0, "p50".to_owned()), (100.0, "p99".to_owned())];
        let axis = Axis::log("share").named(named).fit([2.0, 1000.0]);
        assert_eq!(names(&axis), ["p50", "p99"]);
    }

    #[test]
    fn a_single_value_is_in_the_middle() {
        let axis = Axis::log("hops").fit([3.0]);
        assert!((axis.place(3.0) - 0.5).abs() < 1e-9);
    }
}
