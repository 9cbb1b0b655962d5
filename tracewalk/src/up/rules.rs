use backends::metrics::{Prometheus, RuleError};

/// The rule files of this repository, the same as Prometheus has with Docker.
const FILES: [(&str, &str); 3] = [
    (
        "rules/alerts.yml",
        include_str!("../../../prometheus/rules/alerts.yml"),
    ),
    (
        "rules/rpc.yml",
        include_str!("../../../prometheus/rules/rpc.yml"),
    ),
    (
        "rules/slo.yml",
        include_str!("../../../prometheus/rules/slo.yml"),
    ),
];

/// Has all rules evaluated from now on.
pub(super) fn load(prometheus: &Prometheus) -> Result<(), RuleError> {
    let mut files = FILES.iter();
    files.try_for_each(|(file, text)| prometheus.load_rules(file, text))
}

#[cfg(test)]
mod tests {
    use backends::metrics::{Prometheus, SampleLimits};

    use super::{FILES, load};

    #[test]
    fn every_rule_file_is_there_and_can_be_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../prometheus/rules");
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = files
            .map(|file| format!("rules/{}", file.unwrap().file_name().display()))
            .collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
        load(&Prometheus::new(SampleLimits::default())).unwrap();
    }
}
