mod address;
#[cfg(test)]
mod tests;
#[cfg_attr(not(feature = "_tls"), path = "no_tls.rs")]
mod tls;

#[cfg(feature = "otlp-http")]
pub(super) use tls::Connector;

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Uri, uri::Authority};
use percent_encoding::percent_decode_str;
use tonic::transport::Endpoint;

use crate::{
    InitError,
    env::{Variable, Variables},
};

/// Where spans go, by protocol.
#[derive(Debug)]
pub(crate) enum Address {
    Grpc(Box<Endpoint>),
    /// The URL of the signal, and how it is reached.
    #[cfg(feature = "otlp-http")]
    Http(String, Connector),
}

impl Address {
    /// The address as log lines have it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Grpc(endpoint) => shown(endpoint.uri()),
            #[cfg(feature = "otlp-http")]
            Self::Http(url, _) => url.parse().map(|uri| shown(&uri)).unwrap_or_default(),
        }
    }
}

/// A URL without the user, the password and the query that may be in it.
pub(crate) fn shown(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", Authority::as_str);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!(
        "{}://{host}{}",
        uri.scheme_str().unwrap_or("http"),
        uri.path()
    )
}

/// Longest wait for one answer, where no variable says it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Words that a variable may have, and what is said where it has another.
type Words = (&'static [&'static str], &'static str);

const GRPC: &str = "grpc";
#[cfg(feature = "otlp-http")]
const PROTOCOLS: Words = (&[GRPC, "http/protobuf"], "grpc or http/protobuf");
#[cfg(not(feature = "otlp-http"))]
const PROTOCOLS: Words = (
    &[GRPC],
    "grpc: http/protobuf needs the feature `otlp-http` of tonic-telemetry",
);
#[cfg(feature = "gzip")]
const COMPRESSIONS: Words = (&["none", "gzip"], "gzip or none");
#[cfg(not(feature = "gzip"))]
const COMPRESSIONS: Words = (
    &["none"],
    "none: gzip needs the feature `gzip` of tonic-telemetry",
);

/// The settings of each request.
#[derive(Clone, Debug)]
pub(crate) struct RequestOptions {
    pub(crate) headers: HeaderMap,
    pub(crate) gzip: bool,
    /// Longest wait for one answer.
    pub(crate) timeout: Duration,
}

/// The variables that configure the exporter of one signal.
#[derive(Clone, Copy)]
struct OtlpVariables<'a> {
    /// The signal, as the names of variables spell it.
    signal: &'static str,
    variables: &'a Variables,
}

impl OtlpVariables<'_> {
    /// The variable of this signal, then the variable of all signals.
    fn names(self, option: &str) -> [String; 2] {
        let own = format!("OTEL_EXPORTER_OTLP_{}_{option}", self.signal);
        [own, format!("OTEL_EXPORTER_OTLP_{option}")]
    }

    fn get(self, option: &str) -> Option<Variable> {
        self.variables.get(&self.names(option))
    }

    /// The position of the protocol among these words.
    fn protocol(self, (words, expected): Words) -> Option<usize> {
        let protocol = |variable: &Variable| variable.one_of(words, expected);
        self.variables.read(&self.names("PROTOCOL"), protocol)
    }
}

/// Reads where spans go, by default by gRPC to `http://127.0.0.1:4317`.
///
/// Spec: [OTLP exporter configuration][spec].
///
/// # Errors
///
/// [`InitError::Variable`] where an address, a header or a certificate is malformed. If it were
/// ignored, telemetry would go to another place, or under another identity.
///
/// [spec]: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
pub(crate) fn of_spans(variables: &Variables) -> Result<(Address, RequestOptions), InitError> {
    let otlp = OtlpVariables {
        signal: "TRACES",
        variables,
    };
    let address = match otlp.protocol(PROTOCOLS) {
        #[cfg(feature = "otlp-http")]
        Some(1) => address::of_http(otlp)?,
        _ => Address::Grpc(Box::new(address::of_grpc(otlp)?)),
    };
    Ok((address, options(otlp)?))
}

/// Reads where log records go. The SDK does not make them, so its HTTP exporter cannot send them.
///
/// # Errors
///
/// As [`of_spans`].
pub(crate) fn of_logs(variables: &Variables) -> Result<(Endpoint, RequestOptions), InitError> {
    let otlp = OtlpVariables {
        signal: "LOGS",
        variables,
    };
    otlp.protocol((&[GRPC], "grpc, which log records are sent with"));
    Ok((address::of_grpc(otlp)?, options(otlp)?))
}

fn options(otlp: OtlpVariables<'_>) -> Result<RequestOptions, InitError> {
    let (words, expected) = COMPRESSIONS;
    let compression = otlp.variables.read(&otlp.names("COMPRESSION"), |variable| {
        variable.one_of(words, expected)
    });
    let timeout = otlp
        .variables
        .read(&otlp.names("TIMEOUT"), Variable::timeout);
    let headers = otlp.get("HEADERS");
    Ok(RequestOptions {
        headers: headers.map_or(Ok(HeaderMap::new()), |it| headers_of(&it))?,
        gzip: compression == Some(1),
        timeout: timeout.unwrap_or(TIMEOUT),
    })
}

/// Reads `key=value,key=value` with percent-encoded values.
fn headers_of(variable: &Variable) -> Result<HeaderMap, InitError> {
    let mut headers = HeaderMap::new();
    for pair in variable.entries() {
        let header = pair.split_once('=').and_then(|(key, value)| {
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            Some((
                key.trim().parse::<HeaderName>().ok()?,
                HeaderValue::from_str(&value).ok()?,
            ))
        });
        // The values are keys to the collector, so they are not repeated in a message.
        let (key, mut value) = header
            .ok_or_else(|| variable.refuse_unseen("key=value pairs with commas between them"))?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}
