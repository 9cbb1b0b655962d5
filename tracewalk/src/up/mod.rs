//! `tracewalk up`: the whole stack without Docker.
//!
//! ```text
//!   tracewalk up ── traffic ──► gateway ──► user ──► profile      three child processes
//!        │  ▲                      │          │         │
//!        │  └──────── OTLP ────────┴──────────┴─────────┘         their spans, into the launcher
//!        └─ trace store, Jaeger UI, scraper, Prometheus' query API, dashboards
//! ```
//!
//! Each service is a process of its own, as in production: a process has one `service.name`. A scenario may
//! ask by a socket for other flags, more replicas or signals, until it hangs up: [`control`], [`stage`].

mod arguments;
mod banner;
mod chain;
mod child;
mod config;
mod control;
mod drain;
mod first_trace;
mod identity;
mod ledger;
mod log;
mod ports;
mod progress;
mod service;
mod stack;
mod stage;
mod status;
mod traffic;

pub(crate) use config::Up;

use std::process::ExitCode;

use crate::{output, stop::Stop};
use stack::Stack;

/// Runs until a signal; a second one kills the children instead of draining them.
pub(crate) async fn run(up: Up) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signal()?;
    tokio::select! {
        ended = live(&up, &stop) => ended,
        // The children are handles inside the other branch, and die when it is dropped.
        () = stop.requested_times(2) => {
            output::note("killed: calls in flight and the last spans may be lost");
            Ok(ExitCode::from(130))
        }
    }
}

/// Runs the stack from the start to the end of the drain.
async fn live(up: &Up, stop: &Stop) -> anyhow::Result<ExitCode> {
    let mut stack = tokio::select! {
        stack = Stack::start(up) => stack?,
        () = stop.requested() => return Ok(ExitCode::SUCCESS),
    };
    let failure = tokio::select! {
        () = stop.requested() => None,
        failure = stack.watch() => Some(failure),
    };
    if let Some(failure) = &failure {
        output::mistake(failure);
    }
    let well = stack.drain().await?;
    Ok(if failure.is_none() && well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
