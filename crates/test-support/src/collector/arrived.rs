//! What has arrived at a collector: requests, spans, log records.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest},
    logs::v1::LogRecord,
};

use super::Collector;
use crate::trace::{Span, Trace};

impl Collector {
    /// How many requests have arrived, of spans and of logs.
    pub fn requests(&self) -> usize {
        self.lock().requests
    }

    /// The requests with spans, without the first `skip`.
    pub fn traces(&self, skip: usize) -> Vec<ExportTraceServiceRequest> {
        self.lock().traces[skip..].to_vec()
    }

    /// The spans that have arrived, as the traces that they make.
    pub fn arrived(&self) -> Trace {
        let requests = self.traces(0).into_iter();
        let resources = requests.flat_map(|it| it.resource_spans);
        Trace::new(resources.flat_map(Span::all_of).collect())
    }

    /// The requests with log records.
    pub fn logs(&self) -> Vec<ExportLogsServiceRequest> {
        self.lock().logs.clone()
    }

    /// How many different spans have arrived.
    pub fn spans(&self) -> usize {
        let received = self.lock();
        let resources = received.traces.iter().flat_map(|it| &it.resource_spans);
        let scopes = resources.flat_map(|it| &it.scope_spans);
        let spans = scopes.flat_map(|it| &it.spans);
        spans
            .map(|span| &span.span_id)
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// The log records that have arrived, with the names of their scopes.
    pub fn records(&self) -> Vec<(String, LogRecord)> {
        let requests = self.logs().into_iter();
        let resources = requests.flat_map(|it| it.resource_logs);
        let scopes = resources.flat_map(|it| it.scope_logs);
        let records = scopes.flat_map(|it| {
            let name = it.scope.unwrap_or_default().name;
            let records = it.log_records.into_iter();
            records.map(move |record| (name.clone(), record))
        });
        records.collect()
    }
}
