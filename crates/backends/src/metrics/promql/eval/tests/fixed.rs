//! Series with fixed samples.

use crate::metrics::{
    promql::source::Source,
    tsdb::{Budget, BudgetError, Matcher, Sample, SeriesSamples},
};

/// The series that the tests query; a sample each 10 s from 0 to 600 s.
pub(super) struct Fixed(Vec<SeriesSamples>);

impl Source for Fixed {
    fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
        _budget: &Budget,
    ) -> Result<Vec<SeriesSamples>, BudgetError> {
        let passing = self.0.iter();
        let passing = passing.filter(|it| matchers.iter().all(|m| m.accepts(&it.labels)));
        let cut = passing.map(|it| SeriesSamples {
            labels: it.labels.clone(),
            samples: it
                .samples
                .iter()
                .copied()
                .filter(|s| (from..=to).contains(&s.at))
                .collect(),
        });
        Ok(cut.filter(|it| !it.samples.is_empty()).collect())
    }
}

fn series(labels: &[(&str, &str)], value: impl Fn(f64) -> f64) -> SeriesSamples {
    let samples = (0..=60_i32).map(|n| Sample {
        at: i64::from(n) * 10_000,
        value: value(f64::from(n)),
    });
    SeriesSamples {
        labels: labels.iter().copied().collect(),
        samples: samples.collect(),
    }
}

pub(super) fn fixed() -> Fixed {
    let mut ended = series(&[("__name__", "gone"), ("job", "a")], |_| 1.0);
    ended.samples.truncate(30);
    ended.samples.push(Sample::stale(300_000));
    Fixed(vec![
        series(
            &[("__name__", "calls"), ("job", "a"), ("code", "OK")],
            |n| n * 10.0,
        ),
        series(
            &[("__name__", "calls"), ("job", "a"), ("code", "NO")],
            |n| n,
        ),
        series(
            &[("__name__", "calls"), ("job", "b"), ("code", "OK")],
            |n| n % 30.0,
        ),
        series(&[("__name__", "up"), ("job", "a"), ("zone", "x")], |_| 1.0),
        series(&[("__name__", "up"), ("job", "b"), ("zone", "y")], |_| 0.0),
        ended,
        series(&[("__name__", "level"), ("job", "a")], |n| n),
    ])
}
