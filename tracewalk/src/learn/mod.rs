//! `tracewalk learn`: the stops of docs/walkthrough.md in the terminal, each with its commands, a question,
//! and the answer on a key.

mod keys;
mod walk;

use std::{
    env,
    io::{self, Write as _},
    process::{self, ExitCode},
};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::output::{self, bold, dim};
use keys::Key;
use walk::{Stop, stops};

/// Where to begin.
#[derive(Args, Debug)]
pub(crate) struct Learn {
    /// The number of the first stop, as `--list` prints it.
    #[arg(value_name = "STOP", default_value_t = 1)]
    stop: usize,
    /// Lists the stops.
    #[arg(long)]
    list: bool,
}

/// Walks from stop to stop, by keys.
///
/// # Errors
/// When there is no such stop, or when the terminal cannot be read or written.
pub(crate) fn run(learn: &Learn) -> anyhow::Result<ExitCode> {
    let stops = stops();
    if learn.list {
        list(&stops)?;
        return Ok(ExitCode::SUCCESS);
    }
    let last = stops.len();
    ensure!(
        (1..=last).contains(&learn.stop),
        "there is no stop {}: expected 1 to {last}",
        learn.stop
    );
    output::line("The stack must run: `tracewalk up` in another terminal.")?;
    let mut number = learn.stop;
    loop {
        match visit(number, &stops)? {
            Next::On if number == last => {
                output::line("\nThat was the last stop. `tracewalk mystery` is the exam.")?;
                return Ok(ExitCode::SUCCESS);
            }
            Next::On => number += 1,
            Next::Back => number = number.saturating_sub(1).max(1),
            Next::End => {
                output::line(format_args!("\nGo on with: tracewalk learn {number}"))?;
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
}

fn list(stops: &[Stop]) -> io::Result<()> {
    let mut chapter = "";
    for (number, stop) in (1..).zip(stops) {
        if stop.chapter != chapter {
            chapter = &stop.chapter;
            output::line(bold(chapter))?;
        }
        output::line(format_args!("{number:>4}  {}", stop.title))?;
    }
    Ok(())
}

/// Where a stop is left to.
enum Next {
    On,
    Back,
    End,
}

/// Shows a stop, its question, and then its answer.
fn visit(number: usize, stops: &[Stop]) -> anyhow::Result<Next> {
    let stop = &stops[number - 1];
    let place = format!("{number} of {}, {}", stops.len(), stop.chapter);
    output::line(format_args!("\n{}", dim(place)))?;
    output::line(bold(&stop.title))?;
    for command in &stop.commands {
        output::line(format_args!("  $ {command}"))?;
    }
    for paragraph in &stop.text {
        output::line(format_args!("\n{}", output::fit(paragraph, 0)))?;
    }
    output::line(format_args!("\n{}", output::fit(bold(&stop.question), 0)))?;
    let mut answered = false;
    loop {
        let on = if answered { "go on" } else { "answer" };
        let hint = dim(format_args!("Enter {on}  r run  b back  q end"));
        write!(io::stdout(), "{hint} ")?;
        io::stdout().flush()?;
        let key = keys::read()?;
        output::line("")?;
        match key {
            Key::Enter if answered => return Ok(Next::On),
            Key::Enter => {
                answered = true;
                for paragraph in &stop.answer {
                    output::line(output::fit(paragraph, 0))?;
                }
            }
            Key::Letter('r') => stop.commands.iter().try_for_each(|it| play(it))?,
            Key::Letter('b') => return Ok(Next::Back),
            Key::Letter('q') | Key::End => return Ok(Next::End),
            Key::Letter(_) => {}
        }
    }
}

/// Runs a command of the page, with this program as `tracewalk`.
fn play(command: &str) -> anyhow::Result<()> {
    output::line(format_args!("\n$ {command}"))?;
    let program = env::current_exe().context("cannot find this program")?;
    let folder = program.parent().context("this program is in a folder")?;
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [folder.to_owned()]
        .into_iter()
        .chain(env::split_paths(&path));
    let path =
        env::join_paths(folders).context("the folder of this program has a `:` in its name")?;
    let status = process::Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .stdin(process::Stdio::null())
        .status()
        .context("cannot start sh")?;
    if !status.success() {
        output::note(format_args!("({status})"));
    }
    Ok(())
}
