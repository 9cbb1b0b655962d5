//! Probes the database once a second.

use std::{error::Error, sync::atomic::Ordering, time::Duration};

use sqlx::Executor as _;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tonic_telemetry::database::System;

use crate::{Database, QueryError};

/// The time between two probes.
const INTERVAL: Duration = Duration::from_secs(1);
/// A database that answers more slowly counts as down.
const MAX_WAIT: Duration = Duration::from_secs(2);

impl Database {
    /// Calls `report` with `false` when the database goes down, and with `true` when it is back.
    ///
    /// Probes once a second, without spans, and never ends. The reason goes to the log. While the
    /// database is down, queries are refused at once: waiting for connections would only add to
    /// the load.
    pub async fn watch(&self, report: impl Fn(bool)) {
        let mut ticks = interval_at(Instant::now() + INTERVAL, INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let found = self.probe().await;
            let was_down = self.down.swap(found.is_err(), Ordering::Relaxed);
            match found {
                Err(reason) if !was_down => {
                    tracing::error!(reason, database = self.name, "database is down");
                    report(false);
                }
                Ok(()) if was_down => {
                    tracing::info!(database = self.name, "database is back");
                    report(true);
                }
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// Probes once; the error says why the database does not answer.
    async fn probe(&self) -> Result<(), String> {
        let question = match self.system {
            // A bare `SELECT 1` never looks into the file.
            System::Sqlite => "SELECT 1 FROM sqlite_master LIMIT 1",
            System::Postgresql => "SELECT 1",
        };
        match timeout(MAX_WAIT, self.pool.execute(question)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(chain(&QueryError::from(error))),
            Err(_elapsed) => Err(format!("no answer within {MAX_WAIT:?}")),
        }
    }
}

/// An error with its causes, on one line; those of sqlx print their own cause already.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}
