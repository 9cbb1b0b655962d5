//! In place of TLS where the crate has none: the error that says which feature has it.

#[cfg(feature = "otlp-http")]
use hyper_util::client::legacy::connect::HttpConnector;
use tonic::transport::Endpoint;

use super::OtlpVariables;
use crate::{InitError, env::Variable};

#[cfg(feature = "otlp-http")]
pub(crate) type Connector = HttpConnector;

#[cfg(feature = "otlp-http")]
pub(crate) fn plain_connector() -> Connector {
    HttpConnector::new()
}

#[cfg(feature = "otlp-http")]
pub(crate) fn connector(address: &Variable, _: OtlpVariables<'_>) -> Result<Connector, InitError> {
    Err(address.refuse(EXPECTED))
}

pub(super) fn secured(
    _: Endpoint,
    address: &Variable,
    _: OtlpVariables<'_>,
) -> Result<Endpoint, InitError> {
    Err(address.refuse(EXPECTED))
}

const EXPECTED: &str =
    "an http URL: https needs the feature `tls-ring` or `tls-aws-lc` of tonic-telemetry";
