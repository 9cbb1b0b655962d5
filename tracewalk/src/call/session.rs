use std::{
    fmt::Display,
    future::Future,
    io,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use tokio::time::timeout;
use tonic::{Code, Request, Response, Status};

use crate::{
    client::{self, Caller, FaultArgs, Gateway, Target},
    output, trace,
};

/// One call: the client, how to print, and the trace id once it is known.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) gateway: Gateway,
    pub(super) target: Target,
    trace_id: Option<String>,
    pub(super) is_sampled: bool,
    begin: SystemTime,
}

impl Session {
    pub(super) async fn open(target: Target, faults: FaultArgs) -> anyhow::Result<Self> {
        let bearer = target.token.bearer()?;
        let channels = client::connect_gateway(&target.gateway, 1).await?;
        let channel = channels
            .into_iter()
            .next()
            .context("one connection was asked for")?;
        let baggage = faults.baggage(&channel, target.timeout).await?;
        let gateway = client::gateway(channel, &Caller::new(bearer, baggage).debug());
        Ok(Self {
            gateway,
            target,
            trace_id: None,
            is_sampled: true,
            begin: SystemTime::now(),
        })
    }

    /// The trace of the call, as soon as the first headers of the answer are there.
    pub(super) fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Remembers the trace id of a failure; a stream that fails late has it in the headers that came first.
    pub(super) fn note_trace(&mut self, trace_id: Option<&str>) {
        self.trace_id = self.trace_id.take().or(trace_id.map(str::to_owned));
    }

    /// Asks the trace store for the trace id where no answer told it: the caller's own timer ended the call.
    pub(super) async fn find_trace(&mut self) {
        if self.trace_id.is_none() {
            self.trace_id = trace::made_since(&self.target.ui, self.begin).await;
        }
    }

    /// A request that says how long its caller waits.
    pub(super) fn request<T>(&self, message: T, extra: Duration) -> Request<T> {
        let mut request = Request::new(message);
        let timeout = self.target.timeout.saturating_add(extra);
        client::set_timeout(&mut request, timeout);
        request
    }

    /// Remembers the trace id of the answer and hands out what is in it.
    pub(super) fn open_answer<T>(&mut self, response: Response<T>) -> T {
        self.trace_id = client::trace_id(response.metadata());
        self.is_sampled = client::is_sampled(response.metadata());
        response.into_inner()
    }

    /// Prints a line for people; with `--json` the whole answer is printed at the end instead.
    pub(super) fn say(&self, text: impl Display) -> io::Result<()> {
        if self.target.json {
            Ok(())
        } else {
            output::line(text)
        }
    }
}

/// Ends a call that the server should have ended: a hung gateway must not hang its caller.
pub(super) async fn within<T>(
    max_wait: Duration,
    call: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    // A little longer than the deadline that the server knows, so that its status comes first.
    let max_wait = max_wait.saturating_add(Duration::from_millis(500));
    timeout(max_wait, call)
        .await
        .unwrap_or_else(|_| Err(Status::new(Code::DeadlineExceeded, "no answer in time").into()))
}
