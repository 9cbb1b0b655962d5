//! The queries of the tests: those of dashboards and rules, and in [`edges`] some that look for mistakes.

#[cfg(feature = "external")]
pub(super) mod edges;

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

/// The values of the variables that a dashboard fills in.
const VARIABLES: [(&str, &str); 6] = [
    ("$__rate_interval", "1m"),
    ("$__interval", "15s"),
    ("$__range", "15m"),
    ("$service_name", ".+"),
    ("$method", ".+"),
    ("$target", ".+"),
];

/// Parts of the queries that may have no result: an alert has none while all is well, and some
/// panels show series that do not always exist.
pub(super) const MAY_BE_EMPTY: [&str; 4] = [
    "absent(up{job=\"grpc-services\"",
    "slo:burn:rate",
    "up{job!=\"grpc-services\"}",
    "scrape_duration_seconds{job=\"grpc-services\"} > 0.5",
];

/// All queries of dashboards and rules.
pub(super) fn all() -> BTreeSet<String> {
    let mut queries = BTreeSet::new();
    for text in files("grafana/dashboards", "json") {
        let dashboard: Value = serde_json::from_str(&text).unwrap();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                if panel["datasource"]["uid"] == "prometheus" {
                    queries.insert(filled(target["expr"].as_str().unwrap()));
                }
            }
        }
    }
    for text in files("prometheus/rules", "yml") {
        let rules: Value = serde_norway::from_str(&text).unwrap();
        for group in rules["groups"].as_array().unwrap() {
            for rule in group["rules"].as_array().unwrap() {
                queries.insert(rule["expr"].as_str().unwrap().to_owned());
            }
        }
    }
    queries
}

fn filled(query: &str) -> String {
    let fill = |query: String, (name, value): &(&str, &str)| query.replace(name, value);
    VARIABLES.iter().fold(query.to_owned(), fill)
}

fn files(folder: &str, extension: &str) -> Vec<String> {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let paths = fs::read_dir(repository.join(folder)).unwrap();
    let paths = paths.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|it| it == extension));
    paths
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}
