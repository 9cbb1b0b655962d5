//! A rule file, as Prometheus reads it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    alerting::{Alerting, Definition},
    group::{Group, Recording, Rule, RuleKind},
    template::Template,
};
use crate::metrics::promql::{parse, parse_duration};

/// A rule file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct RuleError {
    file: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    groups: Vec<GroupEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    name: String,
    #[serde(default)]
    rules: Vec<RuleEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    record: Option<String>,
    alert: Option<String>,
    expr: String,
    #[serde(rename = "for")]
    duration: Option<String>,
    keep_firing_for: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Reads the groups of a file.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Group>, RuleError> {
    let error = |reason: String| RuleError {
        file: file.to_owned(),
        reason,
    };
    let parsed: File = serde_norway::from_str(text).map_err(|it| error(it.to_string()))?;
    let group = |entry: GroupEntry| {
        let rules = entry.rules.into_iter().map(rule);
        let rules = rules.collect::<Result<_, _>>().map_err(error)?;
        Ok(Group::new(file, entry.name, rules))
    };
    parsed.groups.into_iter().map(group).collect()
}

fn rule(entry: RuleEntry) -> Result<Rule, String> {
    let text = entry.expr.trim().to_owned();
    let named = [entry.record.as_ref(), entry.alert.as_ref()];
    let ([Some(name), None] | [None, Some(name)]) = named else {
        return Err(format!("a rule is either a record or an alert: {text}"));
    };
    let name = name.clone();
    let expr =
        parse(&text).map_err(|error| format!("{name}: could not parse expression: {error}"))?;
    let kind = if entry.record.is_some() {
        RuleKind::Recording(Recording::new(name.clone(), entry.labels))
    } else {
        RuleKind::Alerting(Alerting::new(name.clone(), definition(&name, entry)?))
    };
    Ok(Rule::new(name, text, expr, kind))
}

/// Reads what the file says of an alert.
fn definition(name: &str, entry: RuleEntry) -> Result<Definition, String> {
    let time = |text: Option<String>| {
        let text = text.unwrap_or_else(|| "0s".to_owned());
        let ms = parse_duration(&text).or((text == "0").then_some(0));
        ms.ok_or_else(|| format!("{name}: not a time: {text}"))
    };
    let templates = |texts: BTreeMap<String, String>| {
        let templates = texts.into_iter().map(|(key, text)| {
            let template = Template::parse(&text).map_err(|error| format!("{name}: {error}"));
            Ok((key, template?))
        });
        templates.collect::<Result<_, String>>()
    };
    Ok(Definition {
        labels: templates(entry.labels)?,
        hold_ms: time(entry.duration)?,
        keep_ms: time(entry.keep_firing_for)?,
        annotations: templates(entry.annotations)?,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::read;

    #[rstest]
    #[case(
        "groups: [{name: a, rules: [{record: b, expr: 'sum('}]}]",
        "could not parse expression"
    )]
    #[case(
        "groups: [{name: a, rules: [{expr: up}]}]",
        "either a record or an alert"
    )]
    #[case(
        "groups: [{name: a, rules: [{alert: b, expr: up, for: soon}]}]",
        "not a time: soon"
    )]
    #[case("groups: [{name: a, rule: []}]", "unknown field `rule`")]
    #[case(
        "groups: [{name: a, rules: [{alert: b, expr: up, annotations: {c: '{{ nothing }}'}}]}]",
        "nothing"
    )]
    #[case("groups", "invalid type")]
    fn an_error_names_its_file(#[case] text: &str, #[case] reason: &str) {
        let error = read("a.yml", text).unwrap_err().to_string();
        assert!(
            error.starts_with("a.yml: ") && error.contains(reason),
            "{error}"
        );
    }
}
