//! `tracewalk gateway`, `user`, `profile`: one service, one process, one `service.name`.

mod gateway;
mod panics;
mod profile;
mod user;

pub(crate) use self::{gateway::gateway, profile::profile, user::user};

use std::{
    error::Error,
    future::{Future, pending},
    io::ErrorKind,
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use clap::{Arg, Args, ValueEnum};
use etcd_registry::Registration;
use tokio::{net::TcpListener, task::JoinHandle};
use tonic_resilience::server::health::Health;
use tonic_telemetry::{ShutdownError, Telemetry, admin};

use crate::stop::Stop;

/// Logs the event `ready`. A program that starts a service with port 0 must let its target through.
macro_rules! ready {
    ($($fields:tt)*) => {
        tracing::info!(target: "tracewalk::ready", $($fields)*, "ready")
    };
}
use ready;

/// The longest that the last spans may take, after the calls have ended.
const FLUSH: Duration = Duration::from_secs(4);

/// What a service is told, and what its process is told; each option has a twin in the environment.
#[derive(Args, Clone, Debug)]
#[command(mut_args = with_variable)]
pub(crate) struct Service<Config: Args> {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    process: Process,
}

/// Gives an option its twin: `TRACEWALK_LISTEN` for `--listen`.
fn with_variable(option: Arg) -> Arg {
    match option.get_long() {
        Some(long) if !option.is_hide_set() => {
            let name = long.to_uppercase().replace('-', "_");
            option.env(format!("TRACEWALK_{name}"))
        }
        _ => option,
    }
}

/// How the process of a service logs and stops.
#[derive(Args, Clone, Debug)]
struct Process {
    /// How log lines are written; `auto` is pretty on a terminal and JSON elsewhere.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    /// Keys of W3C baggage that go through, from the callers to the callees; by default none.
    #[arg(long, value_name = "KEY,KEY", value_delimiter = ',')]
    baggage: Vec<String>,
    /// Stops when standard input ends. Whoever starts this process keeps the other end of a pipe
    /// open, and takes the process with it when it dies.
    #[arg(long, hide = true)]
    stop_on_stdin_eof: bool,
}

/// [`tonic_telemetry::LogFormat`] as a flag.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum LogFormat {
    #[default]
    Auto,
    Json,
    Pretty,
}

impl Process {
    /// Starts the telemetry of a service that lets this baggage through, too.
    fn telemetry(&self, service: &'static str, baggage: Option<&str>) -> anyhow::Result<Telemetry> {
        let format = match self.log_format {
            LogFormat::Auto => tonic_telemetry::LogFormat::Auto,
            LogFormat::Json => tonic_telemetry::LogFormat::Json,
            LogFormat::Pretty => tonic_telemetry::LogFormat::Pretty,
        };
        let keys = self.baggage.iter().map(String::as_str).chain(baggage);
        let telemetry = tonic_telemetry::Options::new(service)
            .namespace("tracewalk")
            .version(env!("CARGO_PKG_VERSION"))
            .log_format(format)
            .baggage(keys)
            .without_metrics_page() // the admin listener has it
            .init()
            .context("cannot start telemetry")?;
        panics::log();
        Ok(telemetry)
    }

    /// When the service has to stop.
    fn stop(&self) -> anyhow::Result<Stop> {
        let stop = Stop::on_signal().context("cannot handle signals")?;
        Ok(if self.stop_on_stdin_eof {
            stop.or_end_of_input()
        } else {
            stop
        })
    }
}

/// A service that is open, with all that its end needs.
#[derive(Debug)]
struct Running {
    stop: Stop,
    telemetry: Telemetry,
    /// Answers to the end: the last calls are measured too.
    admin: JoinHandle<()>,
}

impl Running {
    /// Opens the admin listener.
    fn start(stop: Stop, telemetry: Telemetry, admin: TcpListener, health: &Health) -> Self {
        let serve = admin::serve(
            admin,
            telemetry.metrics().clone(),
            health.ready(),
            pending(),
        );
        Self {
            stop,
            telemetry,
            admin: tokio::spawn(serve),
        }
    }

    /// Serves to the end, and flushes even after a failure: the last spans are the ones that
    /// explain it. A second signal cuts the calls that are still in flight.
    async fn serve<T, E>(
        self,
        serving: impl Future<Output = Result<T, E>>,
    ) -> anyhow::Result<ExitCode>
    where
        E: Error + Send + Sync + 'static,
    {
        let served = tokio::select! {
            served = serving => served.map(drop).context("cannot serve"),
            () = self.stop.requested_times(2) => Err(anyhow!("stopped with calls in flight")),
        };
        let flushed = self.telemetry.shutdown(FLUSH).await;
        self.admin.abort();
        served?;
        match flushed {
            // A collector that is away is no fault of this service: its last log line, a warning,
            // says how many spans were lost, and a supervisor need not start it again.
            Ok(_) | Err(ShutdownError::Lost { .. }) => Ok(ExitCode::SUCCESS),
            Err(error) => Err(error).context("cannot end telemetry"),
        }
    }
}

/// Resolves when the service has to drain: it was told to stop, and has left the registry.
async fn left(stop: Stop, registration: Option<Registration>) {
    stop.wait().await;
    if let Some(registration) = registration {
        registration.leave().await;
    }
}

/// Listens on an address that `flag` names.
async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {} is in use ({address}): stop what listens there, or choose another with {flag}",
            address.port()
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address} ({flag})")),
    }
}
