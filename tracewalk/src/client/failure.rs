use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    time::Duration,
};

use serde::Serialize;
use tonic::Status;
use tonic_types::StatusExt as _;

use super::{code_name, reply::is_trace_id, trace_id};
use crate::output::{Printable, cell};

/// A refused call with everything its status says, readable or as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// In capitals: `NOT_FOUND`.
    code: &'static str,
    message: String,
    /// From `ErrorInfo`; stable, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    /// The fields that break a limit, from `BadRequest`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<Violation>,
    /// How long to wait before the next try, from `RetryInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u128>,
    #[serde(skip)]
    trace_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct Violation {
    field: String,
    description: String,
}

impl Failure {
    /// The trace of the refused call, by its metadata or else its `RequestInfo`.
    pub(crate) fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// The code and the message, on one line.
    pub(crate) fn headline(&self) -> String {
        match self.message.as_str() {
            "" => self.code.to_owned(),
            message => format!("{}: {}", self.code, Printable(message)),
        }
    }
}

impl From<&Status> for Failure {
    fn from(status: &Status) -> Self {
        let details = status.get_error_details();
        let request = details.request_info().map(|info| info.request_id.clone());
        let violations = details
            .bad_request()
            .map(|bad| bad.field_violations.as_slice());
        let info = details.error_info();
        Self {
            code: code_name(status.code()),
            message: status.message().to_owned(),
            reason: info.map(|info| info.reason.clone()),
            metadata: info
                .into_iter()
                .flat_map(|info| info.metadata.clone())
                .collect(),
            violations: violations
                .unwrap_or_default()
                .iter()
                .map(|violation| Violation {
                    field: violation.field.clone(),
                    description: violation.description.clone(),
                })
                .collect(),
            retry_after_ms: details
                .retry_info()
                .and_then(|retry| retry.retry_delay)
                .as_ref()
                .map(Duration::as_millis),
            trace_id: trace_id(status.metadata())
                .or(request)
                .filter(|id| is_trace_id(id)),
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        if let Some(reason) = &self.reason {
            write!(f, "\n  reason   {}", Printable(reason))?;
        }
        for (key, value) in &self.metadata {
            write!(f, "\n  {} {}", cell(key, 8), Printable(value))?;
        }
        for Violation { field, description } in &self.violations {
            let (field, description) = (Printable(field), Printable(description));
            write!(f, "\n  field    {field}: {description}")?;
        }
        if let Some(wait) = self.retry_after_ms {
            write!(f, "\n  retry    after {wait} ms")?;
        }
        Ok(())
    }
}
