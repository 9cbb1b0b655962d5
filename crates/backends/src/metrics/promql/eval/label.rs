//! `label_replace` and `label_join`: a label made of others.

use crate::metrics::{
    promql::{
        error::EvalError,
        value::{Row, merge},
    },
    tsdb::{Pattern, is_label_name},
};

/// Where a pattern matches a label, sets another label from what the pattern found.
pub(super) fn replace(rows: Vec<Row>, texts: &[String]) -> Result<Vec<Row>, EvalError> {
    let [target, replacement, source, pattern] = texts else {
        return Err(EvalError::new("label_replace takes four strings"));
    };
    let compiled = Pattern::wrapped(pattern).map_err(|_| {
        EvalError::new(format!(
            "invalid regular expression in label_replace(): {pattern}"
        ))
    })?;
    check_name(target, "label_replace")?;
    let relabelled =
        rows.into_iter().map(
            |row| match compiled.expand(row.labels.get(source), replacement) {
                Some(value) => Row::new(row.labels.with(target, &value), row.values),
                None => row,
            },
        );
    merge(relabelled.collect())
}

/// The values of some labels, one after the other.
pub(super) fn join(rows: Vec<Row>, texts: &[String]) -> Result<Vec<Row>, EvalError> {
    let [target, separator, sources @ ..] = texts else {
        return Err(EvalError::new("label_join takes two strings at least"));
    };
    check_name(target, "label_join")?;
    let relabelled = rows.into_iter().map(|row| {
        let values: Vec<_> = sources.iter().map(|name| row.labels.get(name)).collect();
        let labels = row.labels.with(target, &values.join(separator));
        Row::new(labels, row.values)
    });
    merge(relabelled.collect())
}

fn check_name(name: &str, function: &str) -> Result<(), EvalError> {
    if is_label_name(name) {
        return Ok(());
    }
    let message = format!("invalid destination label name in {function}(): {name}");
    Err(EvalError::new(message))
}
