use std::{
    fmt::Display,
    pin::Pin,
    task::{self, Poll, ready},
    time::Duration,
};

use grpc_wire::code_name;
use opentelemetry::Context;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tonic::{Code, Status};

use super::{Fault, Kind};
use crate::{errors::ErrorReply, response::Hook};

/// What is done to one call.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// How long the call waits first.
    delay: Option<Duration>,
    /// How the call ends after the wait; `None` lets it pass.
    end: Option<End>,
    /// Whether a call that passes loses its trace.
    drop_context: bool,
    /// Whether failures and panics are not to say that they were asked for.
    hidden: bool,
}

/// How a call ends without its handler.
#[derive(Debug)]
enum End {
    Failure(Status),
    Hang,
    /// With this message.
    Panic(&'static str),
}

impl Plan {
    /// For faults that are hidden, or not.
    pub(super) fn new(hidden: bool) -> Self {
        Self {
            hidden,
            ..Self::default()
        }
    }

    /// Ends the call with this status.
    pub(super) fn refuse(status: Status) -> Self {
        Self {
            end: Some(End::Failure(status)),
            ..Self::default()
        }
    }

    /// Adds a fault, for a call that was tried `previous` times before.
    ///
    /// Returns whether the fault has an effect: `error_rate` does not hit every call.
    pub(super) fn add(&mut self, fault: &Fault, previous: u32) -> bool {
        let end = match fault.kind {
            Kind::Delay(time) => {
                let delay = self.delay.unwrap_or_default();
                self.delay = Some(delay.saturating_add(time));
                return true;
            }
            Kind::DropContext => {
                self.drop_context = true;
                return true;
            }
            Kind::Error(code) => Some(self.failure(code, fault)),
            Kind::FailFirst(count) => {
                (previous < count).then(|| self.failure(Code::Unavailable, fault))
            }
            Kind::ErrorRate(share) => {
                (rand::random::<f64>() < share).then(|| self.failure(Code::Unavailable, fault))
            }
            Kind::Hang => Some(End::Hang),
            Kind::Panic if self.hidden => Some(End::Panic("the handler cannot go on")),
            Kind::Panic => Some(End::Panic("the caller asked for a panic")),
        };
        let ends = end.is_some() && self.end.is_none();
        if ends {
            self.end = end;
        }
        ends
    }

    fn failure(&self, code: Code, fault: &impl Display) -> End {
        let reply = if self.hidden {
            ErrorReply::new(code, code_name(code), "the handler failed".to_owned())
        } else {
            let message = format!("the caller asked for the fault {fault}");
            ErrorReply::new(code, "FAULT_INJECTED", message)
        };
        End::Failure(reply.into_status())
    }
}

pin_project! {
    /// Injects the faults of one call: it waits, then it ends, or passes with or without its trace.
    #[derive(Debug)]
    pub(super) struct Injection {
        #[pin]
        delay: Option<Sleep>,
        end: Option<End>,
        drop_context: bool,
    }
}

impl Injection {
    pub(super) fn new(plan: Plan) -> Self {
        Self {
            delay: plan.delay.map(sleep),
            end: plan.end,
            drop_context: plan.drop_context,
        }
    }
}

impl Hook for Injection {
    fn poll<T>(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        call: impl FnOnce(&mut task::Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, Status>> {
        let mut this = self.project();
        if let Some(delay) = this.delay.as_mut().as_pin_mut() {
            ready!(delay.poll(cx));
            this.delay.set(None);
        }
        match this.end {
            Some(End::Failure(status)) => return Poll::Ready(Err(status.clone())),
            // An outer layer, such as the deadline, or the caller ends the call.
            Some(End::Hang) => return Poll::Pending,
            Some(End::Panic(message)) => panic!("{message}"),
            None => {}
        }
        let _forgotten = this.drop_context.then(|| Context::new().attach());
        call(cx).map(Ok)
    }
}
