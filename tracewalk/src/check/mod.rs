//! `tracewalk check`: the doctor. It walks the way of a signal from an RPC to a panel and names
//! the first hop that does not hold.
//!
//! ```text
//!   1 gateway ─► 2 services ─► 3 call
//!                                ├─► 4 trace ─► 5 spans                          Jaeger
//!                                └─► 6 histograms ─► 7 exemplars                 /metrics
//!                                      └─► 8 prometheus ─► 9 stored exemplars    Prometheus
//!                                            └─► 10 rules
//!                                                  11 grafana ───┐               Grafana
//!                                                  12 dashboards ┴► 14 panels    or the page of `up`
//!                                                  13 logs                       Loki, or `up`
//! ```
//!
//! [`step::Step`] is this list in code; each step is a file in [`steps`].

mod answer;
mod chain;
mod config;
mod dashboards;
mod evidence;
mod finding;
mod instances;
mod jaeger;
mod parts;
mod prometheus;
mod report;
mod site;
mod stack;
mod state;
mod step;
mod steps;
mod walk;

pub(crate) use config::Check;

use std::process::ExitCode;

use report::Report;
use walk::Walk;

/// Walks all steps and says how each was found; exit code 0 only if every step holds, except those
/// of parts that are not there on purpose.
///
/// # Errors
/// When the dashboards cannot be read, or the output is closed.
pub(crate) async fn run(check: Check) -> anyhow::Result<ExitCode> {
    let mut report = Report::new(check.target.json);
    let walk = Walk::begin(check).await?;
    let passed = walk.finish(&mut report).await?;
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
