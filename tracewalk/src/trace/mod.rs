//! `tracewalk trace`: one trace as a waterfall in the terminal.
//!
//! Reads Jaeger's query API, so it draws the traces of the embedded store and of any Jaeger.

mod bar;
mod critical_path;
mod fetch;
mod find;
mod jaeger;
mod layout;
mod links;
mod logs;
mod paint;
mod repeats;
mod row;
mod self_time;
mod summary;
#[cfg(test)]
mod tests;
mod tree;
mod waterfall;
mod wording;

use std::{io, process::ExitCode, time::Duration};

use anyhow::ensure;
use serde_json::json;

use crate::{
    client::{self, LastTrace, NOT_SAMPLED},
    output::{self, Printable},
};
use logs::Logged;
use paint::Paint;

pub(crate) use {
    find::{linked, made_since, read},
    jaeger::{Span, plain_text},
    row::Row,
    summary::full_name,
    tree::Tree,
    wording::duration,
};

/// The width for a file or a pipe.
const PLAIN_WIDTH: usize = 100;

/// How long spans may be on their way after a call.
const WAIT: Duration = Duration::from_secs(5);

/// Which trace to draw, and where it is.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Trace id: 32 hexadecimal digits, leading zeros may be left out; or `last`: that of the last
    /// `tracewalk call` or scenario.
    #[arg(value_name = "ID|last", value_parser = parse_which)]
    which: Which,
    /// Address of the Jaeger query API, as `host:port` or `http://host:port`.
    #[arg(
        long,
        env = "TRACEWALK_QUERY_URL",
        default_value = "http://127.0.0.1:16686",
        value_name = "URL",
        value_parser = client::parse_url
    )]
    query_url: client::Uri,
    /// Longest wait for a trace that is still being exported, as `250ms` or `5s`.
    #[arg(
        long,
        env = "TRACEWALK_WAIT",
        default_value = "5s",
        value_name = "TIME",
        value_parser = humantime::parse_duration
    )]
    wait: Duration,
    /// Shows what was logged below each span; the embedded store keeps logs, Jaeger does not.
    #[arg(long)]
    logs: bool,
    /// Prints the trace as one line of JSON, for scripts; the spans in the order of the tree.
    #[arg(long)]
    json: bool,
}

/// A trace.
#[derive(Clone, Debug, PartialEq)]
enum Which {
    Id(String),
    Last,
}

/// Draws the trace.
///
/// # Errors
/// When nobody answers at the URL, when it is no Jaeger, or when it has no such trace.
pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let trace = match (&args.which, LastTrace::of(&args.query_url)) {
        (Which::Last, Some(last)) => of_last_call(&args, last).await?,
        (which, _) => fetch::trace(&args.query_url, which, args.wait).await?,
    };
    let logs = if args.logs {
        Some(logs::read(&args.query_url, &trace.id).await?)
    } else {
        None
    };
    let tree = Tree::new(trace.spans);
    let linked = find::goes_on(&args.query_url, (&trace.id, &tree)).await?;
    if args.json {
        let linked: Vec<_> = linked.iter().map(|(id, _)| id).collect();
        let mut printed = json!({
            "trace_id": trace.id,
            "linked_by": linked,
            "duration_us": tree.duration(),
            "warnings": trace.warnings,
            "spans": tree.rows(),
        });
        if let Some(logs) = logs {
            printed["logs"] = serde_json::to_value(logs)?;
        }
        output::json(&printed)?;
    } else {
        for line in draw(&trace.id, &tree, &logs.unwrap_or_default()) {
            output::line(line)?;
        }
        for line in links::backwards(&trace.id, &linked) {
            output::line(line)?;
        }
        for warning in trace.warnings {
            output::line(format_args!("! {}", Printable(warning)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The trace of the last call. Where it is not there, as in the store of another start, the latest that arrived, and a
/// word of it.
async fn of_last_call(args: &Args, last: LastTrace) -> anyhow::Result<jaeger::Trace> {
    let LastTrace { id, is_sampled } = last;
    ensure!(
        is_sampled,
        "the last call has no trace: {id} was {NOT_SAMPLED}"
    );
    let found = fetch::trace(&args.query_url, &Which::Id(id.clone()), args.wait).await;
    let Err(missing) = found else { return found };
    let latest = fetch::trace(&args.query_url, &Which::Last, Duration::ZERO).await;
    let latest = latest.map_err(|_| missing)?;
    output::note(format_args!(
        "{id}, of the last call, is not here: this is the latest that arrived"
    ));
    Ok(latest)
}

/// Waits for a trace and prints its waterfall, after a call; says why where there is none.
///
/// # Errors
/// When standard output is closed.
pub(crate) async fn show(query_url: &client::Uri, id: &str) -> io::Result<()> {
    match read(query_url, id, WAIT).await {
        Ok(tree) => {
            output::line("")?;
            draw(id, &tree, &[]).into_iter().try_for_each(output::line)
        }
        Err(error) => {
            output::note(Printable(format_args!(
                "no waterfall: {}",
                output::with_causes(&error)
            )));
            Ok(())
        }
    }
}

/// The lines of its waterfall, as wide as the terminal.
pub(crate) fn draw(id: &str, tree: &Tree, logs: &[Logged]) -> Vec<String> {
    let width = output::terminal_width().unwrap_or(PLAIN_WIDTH);
    let lines = waterfall::lines(id, tree, logs, width, Paint::for_stdout());
    // A reason may be as long as a service likes.
    lines.into_iter().map(|line| output::fit(line, 2)).collect()
}

/// Reads `last`, or a trace id, and writes it as Jaeger does.
fn parse_which(text: &str) -> Result<Which, String> {
    if text == "last" {
        return Ok(Which::Last);
    }
    let is_hex = text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if text.is_empty() || text.len() > 32 || !is_hex {
        return Err("expected `last`, or 1 to 32 hexadecimal digits".to_owned());
    }
    Ok(Which::Id(format!("{:0>32}", text.to_ascii_lowercase())))
}
