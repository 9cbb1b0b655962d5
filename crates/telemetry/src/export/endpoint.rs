use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, ClientTlsConfig};

use crate::init::{InitError, Variable, Variables};

/// Where the collector is, and how it is called.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) address: tonic::transport::Endpoint,
    pub(crate) headers: MetadataMap,
    pub(crate) gzip: bool,
    /// Longest wait for one answer.
    pub(crate) timeout: Duration,
}

/// What is exported, as the names of variables spell it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    Traces,
    Logs,
}

/// The variables that configure the exporter of one signal.
struct OtlpVariables<'a> {
    signal: Signal,
    variables: &'a Variables,
}

impl OtlpVariables<'_> {
    /// What is set for the signal, or else for all.
    fn get(&self, option: &str) -> Option<Variable> {
        let signal = match self.signal {
            Signal::Traces => "TRACES",
            Signal::Logs => "LOGS",
        };
        let own = format!("OTEL_EXPORTER_OTLP_{signal}_{option}");
        self.variables
            .get(&[own, format!("OTEL_EXPORTER_OTLP_{option}")])
    }
}

impl Endpoint {
    /// Reads `OTEL_EXPORTER_OTLP_*`, by default `http://127.0.0.1:4317`.
    ///
    /// Spec: [OTLP exporter configuration][spec]. Only gRPC is spoken, and `https` needs a
    /// certificate, because no list of authorities is compiled in.
    ///
    /// # Errors
    ///
    /// [`InitError::Variable`] where a value is not understood.
    ///
    /// [spec]: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    pub(crate) fn of(signal: Signal, variables: &Variables) -> Result<Self, InitError> {
        let variables = OtlpVariables { signal, variables };
        if let Some(protocol) = variables.get("PROTOCOL") {
            protocol.one_of(&["grpc"], "grpc")?;
        }
        let gzip = match variables.get("COMPRESSION") {
            None => false,
            Some(compression) => compression.one_of(&["none", "gzip"], "gzip or none")? == 1,
        };
        let timeout = variables.get("TIMEOUT");
        let timeout = timeout.map_or(Ok(Duration::from_secs(10)), |it| it.milliseconds())?;
        let headers = variables.get("HEADERS");
        let headers = headers.map_or(Ok(MetadataMap::new()), |it| headers_of(&it))?;
        Ok(Self {
            address: address(&variables)?,
            headers,
            gzip,
            timeout,
        })
    }
}

fn address(variables: &OtlpVariables<'_>) -> Result<tonic::transport::Endpoint, InitError> {
    let variable = variables.get("ENDPOINT").unwrap_or_else(|| Variable {
        name: "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
        value: "http://127.0.0.1:4317".to_owned(),
    });
    let insecure = variables
        .get("INSECURE")
        .map_or(Ok(false), |it| it.boolean())?;
    let scheme = if insecure { "http" } else { "https" };
    let url = if variable.value.contains("://") {
        variable.value.clone()
    } else {
        format!("{scheme}://{}", variable.value)
    };
    let expected = "a URL such as http://127.0.0.1:4317";
    let endpoint = tonic::transport::Endpoint::from_shared(url)
        .map_err(|_| variable.refuse(expected))?
        .connect_timeout(Duration::from_secs(3))
        // Finds a collector that vanished without closing its connection.
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5));
    match endpoint.uri().scheme_str() {
        Some("http") if endpoint.uri().host().is_some() => Ok(endpoint),
        Some("https") => with_tls(endpoint, &variable, variables),
        _ => Err(variable.refuse(expected)),
    }
}

fn with_tls(
    endpoint: tonic::transport::Endpoint,
    address: &Variable,
    variables: &OtlpVariables<'_>,
) -> Result<tonic::transport::Endpoint, InitError> {
    let missing = "an http URL, or OTEL_EXPORTER_OTLP_CERTIFICATE beside it";
    let file = variables
        .get("CERTIFICATE")
        .ok_or_else(|| address.refuse(missing))?;
    let expected = "a readable file with PEM certificates";
    let pem = std::fs::read(&file.value).map_err(|_| file.refuse(expected))?;
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
    endpoint.tls_config(tls).map_err(|_| file.refuse(expected))
}

/// Reads `key=value,key=value` with percent-encoded values.
fn headers_of(variable: &Variable) -> Result<MetadataMap, InitError> {
    let mut headers = HeaderMap::new();
    for pair in variable
        .value
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
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
    Ok(MetadataMap::from_headers(headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(pairs: &[(&str, &str)]) -> Result<Endpoint, InitError> {
        Endpoint::of(Signal::Traces, &Variables::of(pairs))
    }

    #[test]
    fn collector_is_on_this_machine_unless_it_is_said() {
        let default = endpoint(&[]).unwrap();
        assert_eq!(default.address.uri(), "http://127.0.0.1:4317/");
        assert_eq!(
            (default.gzip, default.timeout),
            (false, Duration::from_secs(10))
        );
    }

    #[test]
    fn variable_of_the_signal_goes_before_the_general_one() {
        let endpoint = endpoint(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:1"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "spans:2"),
            ("OTEL_EXPORTER_OTLP_INSECURE", "TRUE"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1500"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b, x-other = c"),
        ])
        .unwrap();
        assert_eq!(endpoint.address.uri(), "http://spans:2/");
        assert_eq!(
            (endpoint.gzip, endpoint.timeout),
            (true, Duration::from_millis(1500))
        );
        assert_eq!(endpoint.headers.get("x-key").unwrap(), "a b");
        assert_eq!(endpoint.headers.get("x-other").unwrap(), "c");
    }

    #[test]
    fn value_that_is_not_understood_is_one_clear_error() {
        let cases = [
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "ftp://host:1",
                "another scheme",
            ),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "no host"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a b", "a space"),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "host:4317",
                "https by default, without certificate",
            ),
            (
                "OTEL_EXPORTER_OTLP_PROTOCOL",
                "http/protobuf",
                "only gRPC is spoken",
            ),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "not compiled in"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "a unit"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "secret", "no key"),
        ];
        for (name, value, reason) in cases {
            let error = endpoint(&[(name, value)]).expect_err(reason).to_string();
            assert!(error.starts_with(name), "{reason}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
