//! The one binary: the launcher, the three services, and the commands to call and look at them.
//!
//! One file or folder per command; `tracewalk --help` lists them.

mod call;
mod certs;
mod check;
mod cli;
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

use std::{io, process::ExitCode, time::Duration};

use cli::Command;

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
    let command = match cli::command() {
        Ok(command) => command,
        Err(error) => return cli::explain(error),
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
        Command::Completions { shell } => cli::complete(shell),
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
