use std::time::Duration;

use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use super::OtlpVariables;
use crate::{InitError, env::Variable};

/// Names the exporter, its language and its version, as the specification of exporters asks.
const USER_AGENT: &str = concat!("telemetry-otlp-exporter-rust/", env!("CARGO_PKG_VERSION"));

/// The text in each PEM file with a certificate.
const CERTIFICATE: &str = "BEGIN CERTIFICATE";

/// `OTEL_EXPORTER_OTLP_ENDPOINT` is the URL of the collector, and gets the path of the signal. The
/// URL of one signal is used as it is.
pub(super) fn of_http(otlp: OtlpVariables<'_>) -> Result<String, InitError> {
    let variable = otlp.get("ENDPOINT").unwrap_or_else(|| Variable {
        name: "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
        value: "http://127.0.0.1:4318".to_owned(),
    });
    let refuse = || variable.refuse("an http URL such as http://127.0.0.1:4318; https needs grpc");
    let uri: http::Uri = variable.value.parse().map_err(|_| refuse())?;
    if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) {
        return Err(refuse());
    }
    Ok(if variable.name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
        format!("{}/v1/traces", variable.value.trim_end_matches('/'))
    } else {
        variable.value
    })
}

pub(super) fn of_grpc(otlp: OtlpVariables<'_>) -> Result<Endpoint, InitError> {
    let variable = otlp.get("ENDPOINT").unwrap_or_else(|| Variable {
        name: "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
        value: "http://127.0.0.1:4317".to_owned(),
    });
    let insecure = otlp.variables.flag(&otlp.names("INSECURE"));
    let scheme = if insecure { "http" } else { "https" };
    let url = if variable.value.contains("://") {
        variable.value.clone()
    } else {
        format!("{scheme}://{}", variable.value)
    };
    let expected = "a URL such as http://127.0.0.1:4317";
    let endpoint = Endpoint::from_shared(url)
        .and_then(|endpoint| endpoint.user_agent(USER_AGENT))
        .map_err(|_| variable.refuse(expected))?
        .connect_timeout(Duration::from_secs(3))
        // Finds a collector that vanished without closing its connection.
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5));
    let uri = endpoint.uri();
    match uri.scheme_str().filter(|_| uri.host().is_some()) {
        Some("http") => Ok(endpoint),
        Some("https") => with_tls(endpoint, &variable, otlp),
        _ => Err(variable.refuse(expected)),
    }
}

fn with_tls(
    endpoint: Endpoint,
    address: &Variable,
    otlp: OtlpVariables<'_>,
) -> Result<Endpoint, InitError> {
    let missing = "an http URL, or OTEL_EXPORTER_OTLP_CERTIFICATE beside it";
    let authorities = pem_file(otlp, "CERTIFICATE", CERTIFICATE)?;
    let (file, authorities) = authorities.ok_or_else(|| address.refuse(missing))?;
    let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authorities));
    let certificate = pem_file(otlp, "CLIENT_CERTIFICATE", CERTIFICATE)?;
    let key = pem_file(otlp, "CLIENT_KEY", "PRIVATE KEY")?;
    match (certificate, key) {
        (Some((_, certificate)), Some((_, key))) => {
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        (None, None) => {}
        (Some((alone, _)), None) | (None, Some((alone, _))) => {
            return Err(alone.refuse("a client certificate and its key, both"));
        }
    }
    let expected = "certificates, with a client's key that fits its certificate";
    endpoint.tls_config(tls).map_err(|_| file.refuse(expected))
}

/// Reads the PEM file that a variable names, which must have `kind` in its text.
fn pem_file(
    otlp: OtlpVariables<'_>,
    option: &str,
    kind: &str,
) -> Result<Option<(Variable, Vec<u8>)>, InitError> {
    let Some(file) = otlp.get(option) else {
        return Ok(None);
    };
    let pem = std::fs::read(&file.value).unwrap_or_default();
    if String::from_utf8_lossy(&pem).contains(kind) {
        Ok(Some((file, pem)))
    } else {
        Err(file.refuse(if kind == CERTIFICATE {
            "a readable PEM file with certificates"
        } else {
            "a readable PEM file with a private key"
        }))
    }
}
