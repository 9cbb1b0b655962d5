//! The one binary: the launcher, the three services, and the commands to call and look at them.
//!
//! One file or folder per command; `tracewalk --help` lists them.

mod call;
mod certs;
mod check;
mod client;
mod control;
mod embedded;
mod health;
mod learn;
mod load;
mod output;
mod scenario;
mod service;
mod stop;
mod token;
mod trace;
mod up;
mod view;

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::{
    CommandFactory as _, Parser, Subcommand,
    error::{ContextKind, ErrorKind},
};
use clap_complete::Shell;

use service::Service;

/// Three gRPC services, one trace: `tracewalk` alone starts the whole stack.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    /// Without a command: `up`.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
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
        after_help = "Examples:\n  tracewalk mystery\n  tracewalk mystery --seed 7\n  tracewalk mystery --seed 7 --service user --cause error --evidence \"user server GetUser\""
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

impl Cli {
    /// The command that was asked for; without one it is `up` with its defaults.
    fn command_line() -> Result<Command, clap::Error> {
        let asked = Self::try_parse()?.command;
        let up = || Self::try_parse_from(["tracewalk", "up"]);
        match asked {
            Some(command) => Ok(command),
            None => Ok(up()?.command.expect("`up` is a command")),
        }
    }
}

/// How long the process waits at its end for threads that are in a system call.
///
/// A lookup of a name cannot be interrupted, and may take half a minute.
const LAST_WAIT: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    output::set_colours();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::mistake(&anyhow::Error::new(error).context("cannot start the runtime"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run());
    runtime.shutdown_timeout(LAST_WAIT);
    code
}

async fn run() -> ExitCode {
    let command = match Cli::command_line() {
        Ok(command) => command,
        Err(error) => return explain(error),
    };
    let ended = match command {
        Command::Up(up) => Box::pin(up::run(up)).await,
        Command::View(view) => view::run(view).await,
        Command::Gateway(gateway) => service::gateway(gateway).await,
        Command::User(user) => service::user(user).await,
        Command::Profile(profile) => service::profile(profile).await,
        Command::Call(call) => call::run(call).await,
        Command::Load(load) => load::run(load).await,
        Command::Scenario(scenario) => scenario::run(*scenario).await,
        Command::Learn(learn) => learn::run(&learn),
        Command::Mystery(mystery) => scenario::mystery(*mystery).await,
        Command::Trace(trace) => trace::run(trace).await,
        Command::Check(check) => check::run(*check).await,
        Command::Health(health) => health::run(health).await,
        Command::Certs(certs) => certs::run(&certs),
        Command::Token(token) => token::run(&token),
        Command::Completions { shell } => complete(shell),
    };
    ended.unwrap_or_else(|error| {
        // `tracewalk … | head` closes our output when it has enough lines: this is no error.
        if error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        {
            return ExitCode::SUCCESS;
        }
        output::mistake(&error);
        ExitCode::FAILURE
    })
}

/// Prints the completions of a shell to standard output.
fn complete(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tracewalk", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints help, or what is wrong with the command line, as clap means it.
fn explain(mut error: clap::Error) -> ExitCode {
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
