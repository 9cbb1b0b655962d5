//! Makes a call until it has an answer, or has been tried for long enough.

use std::time::Duration;

use rand::{SeedableRng as _, rngs::StdRng};
use tokio::time::{Instant, timeout};
use tonic::{Code, transport::Channel};

use super::{
    calls::MARGIN,
    unknown, watched,
    workload::{CallKind, Calls},
};
use crate::{
    client::Caller,
    load::{CallGenerator, Kind, Seen},
};

/// How often a call is made that ends without an answer, and so without a trace id.
///
/// The timer of the caller ends 10 ms after that of the server; on a busy machine it may be first.
const TRIES: u32 = 25;

/// The time after which a call is not made again.
pub(super) const TRYING: Duration = Duration::from_secs(15);

/// Makes calls of one kind over one connection.
pub(super) struct Player {
    pub(super) channel: Channel,
    pub(super) calls: Calls,
    /// The last call, whose trace is looked at.
    pub(super) last: Requests,
    pub(super) others: Requests,
}

/// How calls are made.
pub(super) struct Requests {
    caller: Caller,
    generator: CallGenerator,
}

impl Requests {
    pub(super) fn new(channel: &Channel, caller: &Caller, calls: &Calls) -> Self {
        let max_wait = calls.deadline.saturating_add(MARGIN);
        let caller = caller.clone().deadline(calls.deadline);
        Self {
            generator: CallGenerator::new(vec![channel.clone()], caller.clone(), max_wait)
                .user(calls.user.clone())
                .users(calls.users)
                .idempotency_key(calls.idempotency_key),
            caller,
        }
    }
}

impl Player {
    pub(super) async fn call(&self, number: u32) -> (Code, Seen) {
        // Any of them may be the last that ends with a code.
        let requests = if number == self.calls.count || self.calls.spans_of.is_some() {
            &self.last
        } else {
            &self.others
        };
        let mut random = StdRng::seed_from_u64(u64::from(number));
        let begin = Instant::now();
        let mut ended = (Code::Unknown, Seen::default());
        for _ in 0..TRIES {
            ended = match self.calls.kind {
                CallKind::Unknown => {
                    let calling = unknown::call(&self.channel, &requests.caller, number);
                    let max_wait = self.calls.deadline.saturating_add(MARGIN);
                    let in_time = timeout(max_wait, calling).await;
                    in_time.unwrap_or((Code::DeadlineExceeded, Seen::default()))
                }
                CallKind::Known(Kind::Watch) => {
                    watched::call(&self.channel, &requests.caller, &self.calls).await
                }
                CallKind::Known(kind) => {
                    let call = requests.generator.draw(kind, &mut random);
                    let outcome = call.perform(std::time::Instant::now()).await;
                    (outcome.code, outcome.seen)
                }
            };
            if ended.1.trace_id.is_some() || begin.elapsed() > TRYING {
                break;
            }
        }
        ended
    }
}
