use backends::metrics::{Prometheus, RuleError};

/// A rule file of this repository, the same as Prometheus has with Docker: its name and its text.
type RuleFile = (&'static str, &'static str);

/// Those that are about any service that is scraped.
pub(super) const OF_ANY_SERVICE: [RuleFile; 2] = [
    (
        "rules/alerts.yml",
        include_str!("../../../prometheus/rules/alerts.yml"),
    ),
    (
        "rules/rpc.yml",
        include_str!("../../../prometheus/rules/rpc.yml"),
    ),
];

/// Those that name `gateway`, `user` and `profile`.
pub(super) const OF_THE_CHAIN: [RuleFile; 2] = [
    (
        "rules/chain.yml",
        include_str!("../../../prometheus/rules/chain.yml"),
    ),
    (
        "rules/slo.yml",
        include_str!("../../../prometheus/rules/slo.yml"),
    ),
];

/// Has the rules of these files evaluated from now on.
pub(super) fn load(prometheus: &Prometheus, files: &[RuleFile]) -> Result<(), RuleError> {
    let mut files = files.iter();
    files.try_for_each(|(file, text)| prometheus.load_rules(file, text))
}

#[cfg(test)]
mod tests {
    use backends::metrics::{Prometheus, SampleLimits};

    use super::{OF_ANY_SERVICE, OF_THE_CHAIN, load};

    #[test]
    fn every_rule_file_is_there_and_can_be_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../prometheus/rules");
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = files
            .map(|file| format!("rules/{}", file.unwrap().file_name().display()))
            .collect();
        names.sort();
        let all = [OF_ANY_SERVICE, OF_THE_CHAIN].concat();
        let mut here: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        here.sort_unstable();
        assert_eq!(names, here);
        load(&Prometheus::new(SampleLimits::default()), &all).unwrap();
    }

    #[test]
    fn rules_about_any_service_name_none_of_the_chain() {
        for (file, text) in OF_ANY_SERVICE {
            let named = ["\"gateway\"", "\"user\"", "\"profile\"", "tracewalk"];
            let named: Vec<_> = named.into_iter().filter(|it| text.contains(it)).collect();
            assert!(named.is_empty(), "{file} names {named:?}");
        }
    }
}
