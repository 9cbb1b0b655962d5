//! The files of the dashboards, and what their panels ask.

mod variables;

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context as _;
use serde_json::Value;

use variables::Variables;

/// One query of a panel, with its variables filled in.
#[derive(Debug)]
pub(super) struct Query {
    /// The uid of the dashboard.
    pub(super) dashboard: String,
    /// The title of the panel and the letter of the query.
    pub(super) panel: String,
    /// The uid of the data source.
    pub(super) source: String,
    pub(super) question: Question,
}

/// What a query asks, by the kind of its data source.
#[derive(Debug)]
pub(super) enum Question {
    /// `PromQL`.
    Prometheus(String),
    /// `LogQL`.
    Loki(String),
    /// Who calls whom.
    Dependencies,
    /// The latest traces of a service.
    Traces(String),
}

/// Reads the queries of all dashboards in the folder, or of those in this program.
///
/// # Errors
/// When the folder or a file in it cannot be read, is no dashboard, or has a query of a kind that
/// this program does not know.
pub(super) fn read(folder: Option<&Path>) -> anyhow::Result<Vec<Query>> {
    let Some(folder) = folder else {
        let own: anyhow::Result<Vec<_>> = backends::web::files().map(queries_of).collect();
        return Ok(own?.into_iter().flatten().collect());
    };
    let place = || {
        format!(
            "cannot read the dashboards in {} (--dashboards)",
            folder.display()
        )
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(place)? {
        let path = entry.with_context(place)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    anyhow::ensure!(!files.is_empty(), "{}: there are none", place());
    files.sort();
    let mut queries = Vec::new();
    for path in files {
        let name = || format!("cannot read the dashboard {}", path.display());
        let text = fs::read_to_string(&path).with_context(name)?;
        let dashboard = serde_json::from_str(&text).with_context(name)?;
        queries.extend(queries_of(&dashboard).with_context(name)?);
    }
    Ok(queries)
}

/// The uids of the dashboards that have queries.
pub(super) fn uids(queries: &[Query]) -> BTreeSet<&str> {
    queries
        .iter()
        .map(|query| query.dashboard.as_str())
        .collect()
}

/// The uids of the data sources that the queries ask.
pub(super) fn sources(queries: &[Query]) -> BTreeSet<&str> {
    queries.iter().map(|query| query.source.as_str()).collect()
}

fn queries_of(dashboard: &Value) -> anyhow::Result<Vec<Query>> {
    let uid = dashboard["uid"].as_str().context("it has no uid")?;
    let variables = Variables::of(dashboard);
    let mut queries = Vec::new();
    for panel in elements(&dashboard["panels"]) {
        let title = panel["title"].as_str().unwrap_or_default();
        for target in elements(&panel["targets"]) {
            // A query may have a data source of its own.
            let own = target.get("datasource");
            let source = own.unwrap_or(&panel["datasource"]);
            let letter = target["refId"].as_str().unwrap_or_default();
            let question = question(&source["type"], target, &variables);
            queries.push(Query {
                dashboard: uid.to_owned(),
                panel: format!("{title} ({letter})"),
                source: source["uid"].as_str().unwrap_or_default().to_owned(),
                question: question.with_context(|| format!("the panel {title} ({letter})"))?,
            });
        }
    }
    Ok(queries)
}

fn question(kind: &Value, target: &Value, variables: &Variables) -> anyhow::Result<Question> {
    let text = |key: &str| target[key].as_str().map(|text| variables.fill(text));
    let question = match (kind.as_str(), target["queryType"].as_str()) {
        (Some("prometheus"), _) => text("expr").map(Question::Prometheus),
        (Some("loki"), _) => text("expr").map(Question::Loki),
        (Some("jaeger"), Some("dependencyGraph")) => Some(Question::Dependencies),
        (Some("jaeger"), Some("search")) => text("service").map(Question::Traces),
        _ => None,
    };
    question.context("asks what `tracewalk check` does not know")
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{Question, queries_of, read, sources, uids};

    #[test]
    fn the_dashboards_of_this_repository_are_understood() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grafana/dashboards");
        let queries = read(Some(&folder)).unwrap();
        let files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(uids(&queries).len(), files);
        let sources: Vec<_> = sources(&queries).into_iter().collect();
        assert_eq!(sources, ["jaeger", "loki", "prometheus"]);
        assert_eq!(uids(&read(None).unwrap()), uids(&queries));
        for query in &queries {
            if let Question::Prometheus(expression) = &query.question {
                assert!(!expression.contains('$'), "{}: {expression}", query.panel);
            }
        }
    }

    #[test]
    fn a_query_of_an_unknown_kind_is_named_with_its_panel() {
        let dashboard = json!({ "uid": "new", "panels": [{
            "title": "Profiles",
            "datasource": { "type": "pyroscope", "uid": "pyroscope" },
            "targets": [{ "refId": "B" }],
        }] });
        let error = queries_of(&dashboard).unwrap_err();
        assert!(format!("{error:#}").contains("Profiles (B)"), "{error:#}");
    }
}
