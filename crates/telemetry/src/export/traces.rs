use opentelemetry_otlp::{Compression, SpanExporter, WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tonic::Code;
use tracing::instrument::WithSubscriber as _;

use super::rejections::Rejections;
use super::{Destination, Endpoint, Outcome, failure};

/// Spans for an OTLP collector, by the exporter of `opentelemetry-otlp`.
///
/// The exporter tries again at once, and where the collector names a time to wait, it waits; the
/// [`Worker`](super::Worker) tries again when the exporter has given up.
#[derive(Debug)]
pub(crate) struct OtlpTraces {
    exporter: SpanExporter,
    rejections: Rejections,
    listening: tracing::Dispatch,
}

impl OtlpTraces {
    /// Makes an exporter that connects when it is first used. Call it inside a runtime.
    pub(crate) fn new(endpoint: Endpoint, resource: &Resource) -> Self {
        let mut builder = SpanExporter::builder()
            .with_tonic()
            .with_channel(endpoint.address.connect_lazy())
            .with_metadata(endpoint.headers)
            .with_timeout(endpoint.timeout);
        if endpoint.gzip {
            builder = builder.with_compression(Compression::Gzip);
        }
        let mut exporter = builder
            .build()
            .expect("what the builder reads of the environment was checked with the endpoint");
        exporter.set_resource(resource);
        let rejections = Rejections::default();
        Self {
            exporter,
            listening: rejections.dispatch(),
            rejections,
        }
    }
}

impl Destination<SpanData> for OtlpTraces {
    type Batch = Vec<SpanData>;

    fn prepare(&self, spans: Vec<SpanData>) -> Self::Batch {
        spans
    }

    async fn send(&mut self, batch: &mut Self::Batch) -> Outcome {
        let exported = self
            .exporter
            .export(batch.clone())
            .with_subscriber(self.listening.clone())
            .await;
        match exported {
            Ok(()) => Outcome::Delivered {
                rejected: self.rejections.take(),
            },
            Err(error) => outcome_of(&error),
        }
    }
}

/// Reads what the exporter says of a failure: `… failed with gRPC code: CODE`, and the cause behind
/// a colon where the connection broke.
fn outcome_of(error: &OTelSdkError) -> Outcome {
    let OTelSdkError::InternalFailure(text) = error else {
        return failure::outcome_of(Code::DeadlineExceeded, None);
    };
    let Some((_, code)) = text.split_once("gRPC code: ") else {
        return failure::outcome_of(Code::Unknown, None);
    };
    if code.contains(": ") {
        return failure::UNREACHABLE;
    }
    let named = |named: &Code| format!("{named:?}") == code;
    let code = (0..=16).map(Code::from).find(named);
    failure::outcome_of(code.unwrap_or(Code::Unknown), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_exporter_says_of_a_failure_is_understood() {
        let failed = |said: &str| {
            let text = format!("TonicTracesClient export failed with gRPC code: {said}");
            outcome_of(&OTelSdkError::InternalFailure(text))
        };
        let refused = Outcome::Refused {
            reason: "INVALID_ARGUMENT",
        };
        assert_eq!(failed("InvalidArgument"), refused);
        assert_eq!(failed("Unknown: tcp connect error"), failure::UNREACHABLE);
        let later = Outcome::Unavailable {
            reason: "DATA_LOSS",
            wait: None,
        };
        assert_eq!(failed("DataLoss"), later);
    }

    #[test]
    fn answer_that_came_too_late_is_asked_for_again() {
        let error = OTelSdkError::Timeout(std::time::Duration::from_secs(1));
        assert!(matches!(outcome_of(&error), Outcome::Unavailable { .. }));
    }
}
