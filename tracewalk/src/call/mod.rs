//! `tracewalk call`: one call of each kind, its answer, and where its trace is.

mod create;
mod get;
mod import;
mod lookup;
mod session;
mod view;
mod watch;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tonic::Status;

use crate::{
    client::{self, Failure, FaultArgs, LastTrace, Target},
    output, trace,
};
use session::Session;

/// Which call to make, and to whom.
#[derive(Args, Debug)]
pub(crate) struct Call {
    #[command(subcommand)]
    kind: Kind,
    /// Draws the waterfall of the call, once its spans have arrived.
    #[arg(long, global = true, conflicts_with = "json")]
    show: bool,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    faults: FaultArgs,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// Reads one user (unary).
    Get(get::Get),
    /// Makes one user (unary, safe to repeat with the same key).
    Create(create::Create),
    /// Follows one user (server streaming).
    Watch(watch::Watch),
    /// Makes the users of a file (client streaming).
    Import(import::Import),
    /// Looks up users one by one over one stream (bidirectional).
    Lookup(lookup::Lookup),
}

/// Makes the call and prints the answer; a refused call ends with exit code 1.
pub(crate) async fn run(call: Call) -> anyhow::Result<ExitCode> {
    let mut session = Session::open(call.target, call.faults).await?;
    let answer = match call.kind {
        Kind::Get(get) => get.call(&mut session).await,
        Kind::Create(create) => create.call(&mut session).await,
        Kind::Watch(watch) => watch.call(&mut session).await,
        Kind::Import(import) => import.call(&mut session).await,
        Kind::Lookup(lookup) => lookup.call(&mut session).await,
    };
    let code = match answer {
        Ok(answer) => succeed(&session, answer)?,
        Err(error) => match error.downcast_ref::<Status>() {
            Some(status) => {
                let failure = Failure::from(status);
                session.is_sampled &= client::is_sampled(status.metadata());
                session.note_trace(failure.trace_id());
                session.find_trace().await;
                refuse(&session, &failure)?
            }
            None => return Err(error),
        },
    };
    LastTrace::remember(&session.target, session.trace_id(), session.is_sampled);
    let shown = session
        .trace_id()
        .filter(|_| call.show && session.is_sampled);
    if let Some(id) = shown {
        trace::show(&session.target.ui, id).await?;
    }
    Ok(code)
}

fn succeed(session: &Session, answer: Value) -> anyhow::Result<ExitCode> {
    if session.target.json {
        output::json(&with_trace(session, answer, session.trace_id()))?;
    } else if let Some(id) = session.trace_id() {
        output::line(format_args!("\ntrace     {id}"))?;
        let place = session.target.trace_place(id, session.is_sampled);
        output::line(format_args!("          {place}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(session: &Session, failure: &Failure) -> anyhow::Result<ExitCode> {
    let trace_id = session.trace_id();
    if session.target.json {
        output::json(&with_trace(session, json!({ "error": failure }), trace_id))?;
    } else {
        output::refusal(failure);
        if let Some(id) = trace_id {
            output::note(format_args!("  trace    {id}"));
            let place = session.target.trace_place(id, session.is_sampled);
            output::note(format_args!("           {place}"));
        } else {
            output::note(
                "  trace    not known: no answer named one; `tracewalk trace last` finds it once it is exported",
            );
        }
    }
    Ok(ExitCode::FAILURE)
}

fn with_trace(session: &Session, mut answer: Value, trace_id: Option<&str>) -> Value {
    answer["trace_id"] = json!(trace_id);
    let shown = trace_id.filter(|_| session.is_sampled);
    answer["trace_url"] = json!(shown.map(|id| session.target.trace_url(id)));
    answer["sampled"] = json!(session.is_sampled);
    answer
}
