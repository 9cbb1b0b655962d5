//! The command line and the environment of a child.

use std::{net::SocketAddr, path::PathBuf, process::Stdio};

use anyhow::Context as _;
use tokio::process::Command;

/// The `OTEL_*` variables of a developer that the services get. The others are meant for other
/// programs: they would send the spans elsewhere, cut the chain, or give three services one name.
const KEPT: [&str; 7] = [
    "OTEL_BSP_MAX_QUEUE_SIZE",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
];

/// The file of this program. Where another build has taken its place, the one that runs.
fn own_binary() -> anyhow::Result<PathBuf> {
    let binary = std::env::current_exe().context("cannot find our own binary")?;
    let running = PathBuf::from("/proc/self/exe");
    Ok(if binary.exists() { binary } else { running })
}

/// `tracewalk NAME ARGUMENTS`, which logs, exports and stops as the launcher needs it.
///
/// # Errors
/// When the file of this program cannot be found.
pub(super) fn command(
    name: &str,
    arguments: &[String],
    otlp: SocketAddr,
) -> anyhow::Result<Command> {
    let mut command = Command::new(own_binary()?);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("OTEL_") && !KEPT.contains(&&*text) {
            command.env_remove(&name);
        }
    }
    command
        .arg0("tracewalk")
        .arg(name)
        .args(arguments)
        .args(["--log-format", "json", "--stop-on-stdin-eof"])
        .env("RUST_LOG", log_filter())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{otlp}"))
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .env("OTEL_TRACES_EXPORTER", "otlp")
        // The store keeps logs too.
        .env("OTEL_LOGS_EXPORTER", "otlp")
        // One address for three services.
        .env_remove("TRACEWALK_ADVERTISE")
        // This variable wins over a `service.name` among the attributes.
        .env("OTEL_SERVICE_NAME", name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C in a terminal goes to the whole group of the launcher; the launcher alone decides
        // in which order the chain stops.
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}

/// The filter of the environment, and the two events that the launcher always reads.
fn log_filter() -> String {
    let asked = std::env::var("RUST_LOG").unwrap_or_default();
    let asked = if asked.is_empty() { "info" } else { &asked };
    format!("{asked},tracewalk::ready=info,tonic_telemetry::init=info")
}
