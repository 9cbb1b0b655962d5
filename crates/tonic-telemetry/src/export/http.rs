use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Request, Response, StatusCode};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter as OtlpExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanExporter as _;
use prost::Message;

use super::endpoint::Connector;
use super::sdk::{Answer, SdkExporter};
use super::spans::SpanBatch;
use super::{OtlpBatch, RequestOptions};
use crate::queue::ExportResult;

/// Spans by [OTLP/HTTP][otlp], with the exporter of `opentelemetry-otlp`.
///
/// The exporter reports a failure only as a sentence, so it gets an HTTP client of ours, which
/// sends each request once and keeps the answer. Call this inside a runtime.
///
/// [otlp]: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.8.0/docs/specification.md#otlphttp
pub(crate) fn http_exporter(
    url: String,
    connector: Connector,
    options: &RequestOptions,
    resource: &Resource,
) -> SdkExporter<OtlpExporter> {
    let answer = Answer::default();
    let client = OneAttempt {
        client: HyperClient::new(connector, options.timeout, None),
        answer: answer.clone(),
    };
    let headers = options.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.to_string(), value.to_owned()))
    });
    let builder = OtlpExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(url)
        .with_timeout(options.timeout)
        .with_headers(headers.collect())
        .with_retry_policy(RetryPolicy::disabled())
        .with_http_client(client);
    #[cfg(feature = "gzip")]
    let builder = if options.gzip {
        builder.with_compression(opentelemetry_otlp::Compression::Gzip)
    } else {
        builder
    };
    let mut exporter = builder
        .build()
        .expect("the URL was checked with the endpoint, and there is a client");
    exporter.set_resource(resource);
    SdkExporter { exporter, answer }
}

/// Sends each request once, and keeps the answer.
#[derive(Debug)]
struct OneAttempt {
    client: HyperClient<Connector>,
    answer: Answer,
}

#[tonic::async_trait]
impl HttpClient for OneAttempt {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let response = self.client.send_bytes(request).await;
        let result = match &response {
            Ok(response) => result_of(response),
            Err(cause) => {
                tracing::debug!(?cause, "cannot connect to the collector");
                ExportResult::UNREACHABLE
            }
        };
        self.answer.set(Some(result));
        response
    }
}

/// Reads an answer, by the table of [OTLP's failures][failures].
///
/// [failures]: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.8.0/docs/specification.md#failures-1
fn result_of(response: &Response<Bytes>) -> ExportResult {
    let kind = response.headers().get(CONTENT_TYPE);
    let reason = match response.status() {
        status if status.is_success() => {
            // A gRPC server answers 200 to whatever it refuses.
            if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc")) {
                return ExportResult::Failed { reason: "grpc" };
            }
            let answer = ExportTraceServiceResponse::decode(response.body().as_ref());
            return ExportResult::exported(answer.ok().and_then(SpanBatch::partial_success));
        }
        StatusCode::TOO_MANY_REQUESTS => "429",
        StatusCode::BAD_GATEWAY => "502",
        StatusCode::SERVICE_UNAVAILABLE => "503",
        StatusCode::GATEWAY_TIMEOUT => "504",
        final_status => {
            let reason = refusal(final_status);
            return ExportResult::Failed { reason };
        }
    };
    ExportResult::Retryable {
        reason,
        wait: retry_after(response.headers()),
    }
}

/// The label value of a refusal. Only the usual codes have one of their own: a label must have few.
fn refusal(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        413 => "413",
        415 => "415",
        500 => "500",
        _ => "_OTHER",
    }
}

/// Reads `Retry-After`, which is seconds or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    date.duration_since(SystemTime::now()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> ExportResult {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        result_of(&response.body(Bytes::new()).unwrap())
    }

    #[test]
    fn only_transient_failures_are_tried_again() {
        for status in [200, 202] {
            assert_eq!(answer(status, &[]), ExportResult::Exported { rejected: 0 });
        }
        let retried = [429, 502, 503, 504];
        for status in 300..=599 {
            let transient = matches!(answer(status, &[]), ExportResult::Retryable { .. });
            assert_eq!(transient, retried.contains(&status), "{status}");
        }
        let grpc = answer(200, &[("content-type", "application/grpc")]);
        assert_eq!(grpc, ExportResult::Failed { reason: "grpc" });
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |value| match answer(503, &[("retry-after", value)]) {
            ExportResult::Retryable { wait, .. } => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("15"), Some(Duration::from_secs(15)));
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2 * 60));
        let left = wait(&date).expect("the date is in the future");
        assert!(Duration::from_secs(60) < left, "{left:?}");
        for nothing in ["soon", "-1", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert_eq!(wait(nothing), None, "{nothing}");
        }
    }
}
