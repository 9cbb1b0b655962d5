//! Reads the parameters of `/api/v3`.

use std::time::Duration;

use crate::{
    time::parse_rfc3339,
    traces::jaeger::{
        parameters::BadParameter,
        parameters::{Parameters, parse_tags},
        search::{MAX_LIMIT, Search},
    },
};

/// As many as Jaeger answers unless told otherwise.
const DEFAULT_SEARCH_DEPTH: usize = 100;

/// The parameters that a search may have.
pub(super) const SEARCH: [&str; 10] = [
    "query.serviceName",
    "query.operationName",
    "query.attributes",
    "query.startTimeMin",
    "query.startTimeMax",
    "query.durationMin",
    "query.durationMax",
    "query.searchDepth",
    "query.numTraces",
    "query.rawTraces",
];

/// Takes those with one of the names `known`, also in their older spelling: `query.service_name`.
pub(super) fn parameters(
    mut pairs: Vec<(String, String)>,
    known: &[&str],
) -> Result<Parameters, BadParameter> {
    for (name, _) in &mut pairs {
        let plain = name.replace('_', "");
        let same = |known: &&&str| known.eq_ignore_ascii_case(&plain);
        if let (true, Some(known)) = (name.contains('_'), known.iter().find(same)) {
            (*known).clone_into(name);
        }
    }
    Parameters::read(pairs, known, &[])
}

/// Reads a search; its range of time is required.
pub(super) fn search(parameters: &Parameters) -> Result<Search, BadParameter> {
    let required = |name| {
        time(parameters, name)?.ok_or(BadParameter {
            name: name.into(),
            value: String::new(),
            expected: TIME.into(),
        })
    };
    let owned = |name| parameters.text(name).map(str::to_owned);
    let tags = parameters.one(
        "query.attributes",
        r#"a JSON object like {"error":"true"}"#,
        parse_tags,
    )?;
    let depth = match parameters.number("query.searchDepth")? {
        None => parameters.number("query.numTraces")?,
        depth => depth,
    };
    let search = Search {
        service: owned("query.serviceName"),
        operation: owned("query.operationName"),
        kinds: Vec::new(),
        tags: tags.unwrap_or_default(),
        start: required("query.startTimeMin")?,
        end: required("query.startTimeMax")?,
        min_duration: parameters
            .duration("query.durationMin")?
            .unwrap_or_default(),
        max_duration: parameters
            .duration("query.durationMax")?
            .unwrap_or(Duration::MAX),
        limit: depth.unwrap_or(DEFAULT_SEARCH_DEPTH).clamp(1, MAX_LIMIT),
    };
    search.check_ranges(parameters, ["query.durationMax", "query.startTimeMax"])?;
    Ok(search)
}

const TIME: &str = "a time like 2026-01-01T00:00:00.123456789Z";

/// A moment in nanoseconds since 1970, or `None` if it is absent. A moment that does not fit
/// becomes the last one that does.
pub(super) fn time(
    parameters: &Parameters,
    name: &'static str,
) -> Result<Option<u64>, BadParameter> {
    parameters.one(name, TIME, |text| {
        let nanos = u128::try_from(parse_rfc3339(text)?).ok()?;
        Some(u64::try_from(nanos).unwrap_or(u64::MAX))
    })
}
