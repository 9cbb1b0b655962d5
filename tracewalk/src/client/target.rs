use std::time::Duration;

use clap::Args;
use tonic::codegen::http::Uri;

use super::TokenArgs;

/// Why there is no link to a trace.
pub(crate) const NOT_SAMPLED: &str =
    "not sampled: its spans were not exported (OTEL_TRACES_SAMPLER)";

/// Where the gateway is, and where its traces can be looked at.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// gRPC address of the gateway, as `host:port` or `http://host:port`.
    #[arg(
        long,
        global = true,
        env = "TRACEWALK_GATEWAY",
        default_value = "http://127.0.0.1:50051",
        value_name = "URL",
        value_parser = parse_url
    )]
    pub(crate) gateway: Uri,
    /// Address of the Jaeger UI, for the links to traces.
    #[arg(
        long,
        global = true,
        env = "TRACEWALK_UI",
        default_value = "http://127.0.0.1:16686",
        value_name = "URL",
        value_parser = parse_url
    )]
    pub(crate) ui: Uri,
    /// Longest wait for one answer, as `250ms` or `2s`; a watch gets the time of its updates on
    /// top.
    #[arg(
        long,
        global = true,
        env = "TRACEWALK_TIMEOUT",
        default_value = "10s",
        value_name = "TIME", value_parser = humantime::parse_duration
    )]
    pub(crate) timeout: Duration,
    /// Prints the result as one line of JSON, for scripts.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
}

impl Target {
    /// Where a browser shows the trace.
    pub(crate) fn trace_url(&self, trace_id: &str) -> String {
        format!(
            "{}/trace/{trace_id}",
            self.ui.to_string().trim_end_matches('/')
        )
    }

    /// Where the trace can be looked at, or why it cannot.
    pub(crate) fn trace_place(&self, trace_id: &str, is_sampled: bool) -> String {
        if is_sampled {
            self.trace_url(trace_id)
        } else {
            NOT_SAMPLED.to_owned()
        }
    }
}

/// Reads `host:port` or `http://host:port`.
pub(crate) fn parse_url(text: &str) -> Result<Uri, String> {
    let expected = "expected host:port or http://host:port";
    let url = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let uri: Uri = url
        .parse()
        .map_err(|error| format!("{error}; {expected}"))?;
    let host = uri.host().unwrap_or_default();
    if uri.scheme_str() == Some("http") && !host.is_empty() && uri.port().is_some() {
        Ok(uri)
    } else {
        Err(expected.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::parse_url;

    #[test]
    fn an_address_may_leave_out_the_scheme() {
        for text in [
            "localhost:50051",
            "http://localhost:50051",
            "http://localhost:50051/",
        ] {
            assert_eq!(
                parse_url(text).unwrap().to_string(),
                "http://localhost:50051/",
                "{text}"
            );
        }
    }

    #[test]
    fn an_address_without_a_port_or_with_another_scheme_is_refused() {
        for text in [
            "",
            "localhost",
            ":50051",
            "ftp://localhost:1",
            "http://",
            "local host:1",
        ] {
            assert!(parse_url(text).is_err(), "{text}");
        }
    }
}
