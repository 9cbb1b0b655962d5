//! From a metric to the trace: the call is the exemplar of a series,
//! `gateway grpc_rpc_duration_seconds_bucket{method="GetUser"}`.

use super::{environment::Pages, judge::Verdict, series::Series};

const EXEMPLAR: &str = r#"SERVICE HISTOGRAM_bucket{label="value"}"#;

/// One line: series one of which must name the trace of the call.
#[derive(Debug, PartialEq)]
pub(super) struct Exemplar {
    text: String,
    pub(super) series: Series,
}

impl Exemplar {
    /// Reads a line.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let line = line.trim();
        match Series::parse(line) {
            Some((series, "")) => Ok(Self {
                text: line.to_owned(),
                series,
            }),
            _ => Err(format!("`{line}` is not a series: expected {EXEMPLAR}")),
        }
    }

    /// Looks for the trace on the pages.
    pub(super) fn judge(&self, pages: &Pages, trace_id: Option<&str>) -> Verdict {
        let samples = self
            .series
            .samples(pages.of(&self.series.service, self.series.replica));
        let traces = samples.filter_map(|it| it.exemplar.as_ref()?.label("trace_id"));
        let traces: Vec<_> = traces.collect();
        let met = traces.iter().any(|id| Some(*id) == trace_id);
        let seen = match (met, traces.len()) {
            (true, _) => String::new(),
            (false, 0) => "no exemplar".to_owned(),
            (false, others) => format!("{others} exemplars, each of another trace"),
        };
        Verdict::new(&self.text, met, seen)
    }
}
