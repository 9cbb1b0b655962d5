use std::time::Duration;

use tonic::transport::Endpoint;

use super::{OtlpVariables, tls};
use crate::{InitError, env::Variable};

/// Names the exporter, its language and its version, as the specification of exporters asks.
const USER_AGENT: &str = concat!("telemetry-otlp-exporter-rust/", env!("CARGO_PKG_VERSION"));

/// `OTEL_EXPORTER_OTLP_ENDPOINT` is the URL of the collector, and gets the path of the signal. The
/// URL of one signal is used as it is.
#[cfg(feature = "otlp-http")]
pub(super) fn of_http(otlp: OtlpVariables<'_>) -> Result<super::Address, InitError> {
    let variable = otlp.get("ENDPOINT").unwrap_or_else(|| Variable {
        name: "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
        value: "http://127.0.0.1:4318".to_owned(),
    });
    let refuse = || variable.refuse("a URL such as http://127.0.0.1:4318");
    let uri: http::Uri = variable.value.parse().map_err(|_| refuse())?;
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    let connector = match uri.scheme_str().filter(|_| has_host) {
        Some("http") => tls::plain_connector(),
        Some("https") => tls::connector(&variable, otlp)?,
        _ => return Err(refuse()),
    };
    let url = if variable.name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
        format!("{}/v1/traces", variable.value.trim_end_matches('/'))
    } else {
        variable.value
    };
    Ok(super::Address::Http(url, connector))
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
        Some("https") => tls::secured(endpoint, &variable, otlp),
        _ => Err(variable.refuse(expected)),
    }
}
