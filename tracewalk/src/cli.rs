//! The command line: its commands, its help and its completions.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{
    CommandFactory as _, Parser, Subcommand,
    error::{ContextKind, ErrorKind},
};
use clap_complete::Shell;

use crate::{
    call, certs, check, health, learn, load, output, scenario, service::Service, token, trace, up,
    view,
};

/// Three gRPC services, one trace: `tracewalk` alone starts the whole stack.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    /// Without a command: `up`.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts the whole stack, sends light traffic and says what to look at; Ctrl-C stops it.
    #[command(
        after_help = "Examples:\n  tracewalk up\n  tracewalk up --load 0 --data-dir /tmp/walk"
    )]
    Up(up::Up),
    /// Starts the embedded backends alone, for services of your own; Ctrl-C stops them.
    View(view::View),
    /// Runs the gateway: the first hop, gRPC and HTTP/JSON.
    Gateway(Service<gateway::Config>),
    /// Runs the user service: the middle hop.
    User(Service<user::Config>),
    /// Runs the profile service: the last hop.
    Profile(Service<profile::Config>),
    /// Makes one call through the chain, and says where its trace is.
    #[command(
        after_help = "Examples:\n  tracewalk call get 1\n  tracewalk call get 1 --fault profile:delay=300ms\n  tracewalk call watch 1 --updates 5 --interval 200ms"
    )]
    Call(call::Call),
    /// Sends calls at an even rate, then prints latencies and counts by status code.
    #[command(
        after_help = "Examples:\n  tracewalk load --rps 50 --duration 30s\n  tracewalk load --rps 20 --mix get=80,create=20 --json"
    )]
    Load(load::Load),
    /// Plays what can go wrong on a running stack, and checks what there is to see of it.
    #[command(
        after_help = "Examples:\n  tracewalk scenario list\n  tracewalk scenario run retry-helps"
    )]
    Scenario(Box<scenario::ScenarioArgs>),
    /// Walks through docs/walkthrough.md by keys: commands to run, questions, and their answers.
    #[command(
        after_help = "Examples:\n  tracewalk learn\n  tracewalk learn 5\n  tracewalk learn --list"
    )]
    Learn(learn::Learn),
    /// Plays a fault that it does not name, and asks what it was; exit code 1 if an answer is wrong.
    #[command(
        after_help = "Examples:\n  tracewalk mystery\n  tracewalk mystery --seed 7\n  tracewalk mystery --seed 7 --service gateway --cause slow --evidence 1"
    )]
    Mystery(Box<scenario::Mystery>),
    /// Draws the waterfall of a trace in the terminal.
    #[command(
        after_help = "Examples:\n  tracewalk trace last\n  tracewalk trace 4bf92f3577b34da6a3ce929d0e0e4736 --logs"
    )]
    Trace(trace::Args),
    /// Walks every step from a call to a panel, and names the first that does not hold.
    Check(Box<check::Check>),
    /// Asks a service whether it serves (grpc.health.v1); exit code 0 or 1.
    Health(health::Health),
    /// Makes an authority and a certificate for each service, for mutual TLS in development.
    Certs(certs::Certs),
    /// Prints a signed token that says who calls, for development.
    Token(token::Token),
    /// Prints the completions of a shell, as `source <(tracewalk completions bash)`.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// The command that was asked for; without one it is `up` with its defaults.
///
/// # Errors
/// When the command line is wrong or asks for help; [`explain`] prints it.
pub(crate) fn command() -> Result<Command, clap::Error> {
    let asked = Cli::try_parse()?.command;
    let up = || Cli::try_parse_from(["tracewalk", "up"]);
    match asked {
        Some(command) => Ok(command),
        None => Ok(up()?.command.expect("`up` is a command")),
    }
}

/// Prints help, or what is wrong with the command line, as clap means it.
pub(crate) fn explain(mut error: clap::Error) -> ExitCode {
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if is_help || !error.use_stderr() {
        return match error.print() {
            Ok(()) if is_help => ExitCode::from(2),
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    // No value here begins with a dash, so the advice to pass a flag as a value would mislead.
    error.remove(ContextKind::Suggested);
    let text = error.render();
    let text = if output::errors_have_colours() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    output::note(text.trim_end());
    ExitCode::from(2)
}

/// Prints the completions of a shell to standard output.
pub(crate) fn complete(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tracewalk", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
