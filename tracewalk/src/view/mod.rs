//! `tracewalk view`: the embedded backends alone, for services of one's own.
//!
//! ```text
//!   your services ── OTLP: 4317, 4318 ──► trace store ──► Jaeger UI: 16686
//!                 ◄── GET /metrics ────── scraper ──────► dashboards: 3000
//! ```

mod banner;

use std::{future::pending, process::ExitCode};

use clap::Args;

use crate::{
    embedded::{self, Backends, Ports},
    output,
    stop::Stop,
};
use banner::Banner;

/// The embedded backends without the three services: point the OTLP exporter of your services at
/// them, and say with `--scrape` where their metrics are.
///
/// Port 0 takes a free one.
#[derive(Args, Clone, Debug)]
pub(crate) struct View {
    /// Prints one line of JSON with all addresses, and nothing else.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    embedded: embedded::Options,
}

/// Runs until a signal, or until a backend fails.
pub(crate) async fn run(view: View) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signal()?;
    let ports = Ports::claim(&view.embedded.listen)?;
    let mut backends = Backends::start(ports, &view.embedded)?;
    backends.show(None);
    let banner = Banner::new(&backends, &view.embedded.scrape);
    if view.json {
        output::json(&banner.to_json())?;
    } else {
        output::line(banner)?;
    }
    let (store, metrics) = (backends.store.clone(), backends.metrics.clone());
    let status = async {
        if !view.json {
            // Standard output may be closed: the backends go on silently.
            let _closed = embedded::report(&store, &metrics, |status| status).await;
        }
        pending::<()>().await;
    };
    let failure = tokio::select! {
        () = stop.requested() => None,
        failure = backends.failed() => Some(failure),
        () = status => None,
    };
    backends.stop().await;
    match failure {
        Some(failure) => Err(failure),
        None => Ok(ExitCode::SUCCESS),
    }
}
