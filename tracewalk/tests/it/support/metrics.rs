use std::collections::BTreeMap;

/// One scrape: the samples by name and labels.
#[derive(Debug)]
pub(crate) struct Metrics {
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

impl Metrics {
    /// Reads the text format; label values of this project have no commas or quotes in them.
    pub(crate) fn parse(text: &str) -> Self {
        let samples = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let samples = samples.map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let labels = labels.trim_end_matches('}').split(',').filter_map(|pair| {
                let (key, value) = pair.split_once('=')?;
                Some((key.to_owned(), value.trim_matches('"').to_owned()))
            });
            (
                name.to_owned(),
                labels.collect(),
                value.parse().expect("a number"),
            )
        });
        Self {
            samples: samples.collect(),
        }
    }

    /// The sum over all series of that name whose labels have these values.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts"
        )]
        self.samples_of(name, labels)
            .map(|value| value as u64)
            .sum()
    }

    fn samples_of(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = f64> {
        let wanted = move |series: &BTreeMap<String, String>| {
            labels
                .iter()
                .all(|(key, value)| series.get(*key).is_some_and(|it| it == value))
        };
        let samples = self
            .samples
            .iter()
            .filter(move |sample| sample.0 == name && wanted(&sample.1));
        samples.map(|sample| sample.2)
    }

    /// How many series of that name have labels with these values.
    pub(crate) fn series(&self, name: &str, labels: &[(&str, &str)]) -> usize {
        self.samples_of(name, labels).count()
    }

    /// How often each status code was the end of a call, over all methods of a service; zeros are
    /// left out.
    pub(crate) fn codes(&self, name: &str, service: &str) -> BTreeMap<String, u64> {
        let mut codes = BTreeMap::new();
        for (sample, labels, value) in &self.samples {
            let right = labels.get("service").is_some_and(|it| it == service);
            if sample == name && right && *value > 0.0 {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "counts"
                )]
                let value = *value as u64;
                *codes.entry(labels["code"].clone()).or_default() += value;
            }
        }
        codes
    }
}
