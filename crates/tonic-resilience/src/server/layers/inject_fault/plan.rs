use std::{fmt::Display, time::Duration};

use tonic::{Code, Status};

use super::{Fault, Kind};
use crate::errors::ErrorReply;

/// What is done to one call.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// First it waits.
    pub(super) delay: Option<Duration>,
    /// Then it ends, if it does not pass.
    pub(super) end: Option<End>,
    /// When it passes, without its trace.
    pub(super) drop_context: bool,
}

/// How a call ends without its handler.
#[derive(Debug)]
pub(super) enum End {
    Failure(Status),
    Hang,
    Panic,
}

impl Plan {
    /// Ends the call with this status.
    pub(super) fn refuse(status: Status) -> Self {
        Self {
            end: Some(End::Failure(status)),
            ..Self::default()
        }
    }

    /// Adds a fault, for a call that was tried `previous` times before.
    ///
    /// Returns whether it changes anything: a share may spare the call.
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
            Kind::Error(code) => Some(failure(code, fault)),
            Kind::FailFirst(count) => (previous < count).then(|| failure(Code::Unavailable, fault)),
            Kind::ErrorRate(share) => {
                (rand::random::<f64>() < share).then(|| failure(Code::Unavailable, fault))
            }
            Kind::Hang => Some(End::Hang),
            Kind::Panic => Some(End::Panic),
        };
        let ends = end.is_some() && self.end.is_none();
        if ends {
            self.end = end;
        }
        ends
    }
}

fn failure(code: Code, fault: &impl Display) -> End {
    let message = format!("the caller asked for the fault {fault}");
    End::Failure(ErrorReply::new(code, "FAULT_INJECTED", message).into_status())
}
