//! The scenarios of the folder `scenarios/`: in the binary, so that it works anywhere.

use anyhow::anyhow;

use super::file::Scenario;

macro_rules! library {
    ($($name:literal),* $(,)?) => {
        /// Name and text, in the order of docs/walkthrough.md.
        const LIBRARY: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../scenarios/", $name, ".toml")))),*
        ];
    };
}

library![
    "slow-last-hop",
    "error-in-the-middle",
    "not-found",
    "exemplar",
    "retry-helps",
    "idempotent-retry",
    "unsafe-write",
    "retry-budget",
    "breaker-opens",
    "hang",
    "deadline-cascade",
    "caller-leaves",
    "stream-ends-midway",
    "panic",
    "replicas",
    "slow-replica",
    "least-request",
    "restart",
    "rate-limit",
    "forged-token",
    "missing-scope",
    "wire",
    "broken-trace",
    "baggage",
    "baggage-passed",
    "import-stream",
    "lookup-stream",
    "n-plus-one",
    "one-batch",
    "work-after-the-answer",
    "dead-letter",
    "not-sampled",
    "head-and-tail",
    "unknown-methods",
    "slo-burns",
    "ledger",
    "queue-full",
];

/// All scenarios.
pub(super) fn all() -> anyhow::Result<Vec<Scenario>> {
    LIBRARY.iter().map(read).collect()
}

/// The scenario of this name.
pub(super) fn find(name: &str) -> anyhow::Result<Scenario> {
    let found = LIBRARY.iter().find(|(it, _)| *it == name);
    let names = || LIBRARY.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let none = || {
        anyhow!(
            "there is no scenario `{name}`: expected one of {}",
            names().join(", ")
        )
    };
    read(found.ok_or_else(none)?)
}

fn read((name, text): &(&str, &str)) -> anyhow::Result<Scenario> {
    Ok(Scenario::read(
        name,
        &format!("scenarios/{name}.toml"),
        text,
    )?)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::{LIBRARY, all, find};

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    #[test]
    fn each_file_of_the_folder_is_in_the_binary_and_valid() {
        let files = fs::read_dir(root().join("scenarios")).unwrap();
        // The folder in it has those that need more than the stack.
        let files = files
            .map(Result::unwrap)
            .filter(|file| file.file_type().unwrap().is_file());
        let files: BTreeSet<_> = files
            .map(|file| file.file_name().into_string().unwrap())
            .collect();
        let known: BTreeSet<_> = LIBRARY
            .iter()
            .map(|(name, _)| format!("{name}.toml"))
            .collect();
        assert_eq!(files, known);
        assert_eq!(all().unwrap().len(), LIBRARY.len());
    }

    #[test]
    fn the_pages_and_alerts_that_they_name_are_there() {
        let alerts = fs::read_to_string(root().join("prometheus/rules/alerts.yml")).unwrap();
        for scenario in all().unwrap() {
            let page = scenario.page.expect("each of ours is explained");
            assert!(root().join(&page).is_file(), "{}: {page}", scenario.name);
            if let Some(alert) = scenario.alert {
                assert!(alerts.contains(&format!("alert: {alert}\n")), "{alert}");
            }
        }
    }

    #[test]
    fn a_name_that_is_not_there_is_answered_with_those_that_are() {
        let error = find("slow").unwrap_err().to_string();
        assert!(error.starts_with("there is no scenario `slow`: expected one of slow-last-hop, "));
    }
}
