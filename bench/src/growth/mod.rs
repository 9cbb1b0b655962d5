//! What a call costs as the things around it grow, and what pages of metrics and the embedded store cost.

mod chain;
mod clock;
mod methods;
mod series;
mod store;

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::{
    plot::{self, Axis, Line, Point},
    quartiles::Quartiles,
};

/// What is measured.
#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// What grows; all of them where nothing is said.
    #[arg(value_enum)]
    what: Vec<Growing>,
    /// How often each point is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds of each run of a chain; a second of warm-up comes before it.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Writes all points to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes a plot for each of them to this folder.
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Growing {
    /// Processes that a call goes through, 3 to 12.
    Hops,
    /// Connections to one server, 1 to 1,000.
    Connections,
    /// Messages of a stream, 1 to 10,000.
    Stream,
    /// Methods that a server knows, 1 to 1,000.
    Methods,
    /// Series on a page of metrics, 100 to 10,000.
    Series,
    /// Spans in the embedded store, 1,000 to 100,000.
    Store,
}

impl Growing {
    async fn measure(self, rounds: u32, time: Duration) -> anyhow::Result<Vec<Figure>> {
        Ok(match self {
            Self::Hops => vec![chain::hops(rounds, time).await?],
            Self::Connections => vec![chain::connections(rounds, time).await?],
            Self::Stream => vec![chain::stream(rounds, time).await?],
            Self::Methods => vec![methods::measure(rounds).await?],
            Self::Series => vec![series::measure(rounds).await?],
            Self::Store => store::measure(rounds).await?,
        })
    }
}

/// One plot.
#[derive(Serialize)]
struct Figure {
    /// The name of its file.
    name: &'static str,
    title: String,
    x: Axis,
    y: Axis,
    lines: Vec<Line>,
}

/// Measures one after the other, and prints a table of each.
///
/// # Errors
///
/// When a process or a call fails, or a file cannot be written.
pub(crate) async fn run(plan: &Plan) -> anyhow::Result<()> {
    let (rounds, time) = (plan.rounds, Duration::from_secs(plan.seconds));
    let what = match &plan.what[..] {
        [] => Growing::value_variants(),
        some => some,
    };
    let mut figures = Vec::new();
    for growing in what {
        for figure in growing.measure(rounds, time).await? {
            print(&figure);
            if let Some(folder) = &plan.svg {
                let Figure {
                    name,
                    title,
                    x,
                    y,
                    lines,
                } = &figure;
                plot::write(
                    folder,
                    name,
                    &plot::lines(title, x.clone(), y.clone(), lines),
                )?;
            }
            figures.push(figure);
        }
    }
    if let Some(file) = &plan.json {
        fs::write(file, serde_json::to_string_pretty(&figures)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// A line through what was measured of each amount.
fn line(
    (colour, label): (usize, &str),
    amounts: &[u32],
    values: impl IntoIterator<Item = Quartiles>,
) -> Line {
    let point = |(x, y): (&u32, _)| Point {
        x: f64::from(*x),
        y,
    };
    Line {
        label: label.to_owned(),
        colour,
        points: amounts.iter().zip(values).map(point).collect(),
    }
}

#[allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]
fn print(figure: &Figure) {
    println!(
        "\n{}: {}, median (quartiles)",
        figure.title,
        figure.y.label()
    );
    print!("{:>22}", figure.x.label());
    for line in &figure.lines {
        print!(" {:>24}", line.label);
    }
    println!();
    for (row, point) in figure.lines[0].points.iter().enumerate() {
        print!("{:>22}", plot::short(point.x));
        for line in &figure.lines {
            let value = line.points[row].y;
            let [low, median, high] = [value.low, value.median, value.high].map(plot::short);
            print!(" {:>24}", format!("{median} ({low}, {high})"));
        }
        println!();
    }
}
