//! Makes the calls of a scenario.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use proto::gateway::v1::WatchUserRequest;
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};
use tonic::{Code, Request, transport::Channel};

use super::file::Calls;
use crate::{
    client::{self, Caller, code_name},
    load::{Exercise, Kind},
};

/// Between the updates of a watch.
const INTERVAL: Duration = Duration::from_millis(20);

/// How long past the deadline an answer may take: the server ends the call first.
const MARGIN: Duration = Duration::from_secs(2);

/// The most tries of a call that ends without an answer, which would have named its trace.
///
/// The timer of a caller rings 10 ms after that of the server; on a busy machine it may be first.
const TRIES: u32 = 25;

/// No try begins later than this.
const TRYING: Duration = Duration::from_secs(15);

/// How the calls ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) codes: BTreeMap<String, u32>,
    /// Of the last call; `None` when no answer named one.
    pub(super) trace_id: Option<String>,
}

/// Makes calls of one kind over one connection.
struct Player {
    channel: Channel,
    caller: Caller,
    calls: Calls,
    exercise: Exercise,
}

/// Makes all of them, and waits for their ends.
pub(super) async fn make(channel: Channel, caller: &Caller, calls: &Calls) -> Ended {
    let caller = caller.clone().deadline(calls.deadline);
    let patience = calls.deadline.saturating_add(MARGIN);
    let player = Arc::new(Player {
        exercise: Exercise::new(vec![channel.clone()], caller.clone(), patience),
        channel,
        caller,
        calls: calls.clone(),
    });
    let places = Arc::new(Semaphore::new(calls.parallel.min(Semaphore::MAX_PERMITS)));
    let mut running = JoinSet::new();
    for number in 1..=calls.count {
        let place = Arc::clone(&places).acquire_owned().await;
        let player = Arc::clone(&player);
        running.spawn(async move {
            let _place = place;
            (number, player.call(number).await)
        });
    }
    let mut ended = Ended::default();
    for (number, (code, trace_id)) in running.join_all().await {
        *ended.codes.entry(code_name(code).to_owned()).or_default() += 1;
        if number == calls.count {
            ended.trace_id = trace_id;
        }
    }
    ended
}

impl Player {
    async fn call(&self, seed: u32) -> (Code, Option<String>) {
        let mut random = StdRng::seed_from_u64(u64::from(seed));
        let begin = Instant::now();
        let mut ended = (Code::Unknown, None);
        for _ in 0..TRIES {
            ended = match self.calls.kind {
                Kind::Watch => self.watch().await,
                kind => {
                    let call = self.exercise.draw(kind, &mut random);
                    let outcome = call.perform(Instant::now()).await;
                    (outcome.code, outcome.seen.trace_id)
                }
            };
            if ended.1.is_some() || begin.elapsed() > TRYING {
                break;
            }
        }
        ended
    }

    /// Reads updates up to the end, or until the caller has seen enough.
    async fn watch(&self) -> (Code, Option<String>) {
        let mut trace_id = None;
        let watching = async {
            let request = Request::new(WatchUserRequest {
                user_id: "1".to_owned(),
                updates: self.calls.updates,
                interval: INTERVAL.try_into().ok(),
            });
            let mut gateway = client::gateway(self.channel.clone(), &self.caller);
            let answer = gateway.watch_user(request).await?;
            trace_id = client::trace_id(answer.metadata());
            let mut updates = answer.into_inner();
            let mut seen = 0;
            while updates.message().await?.is_some() {
                seen += 1;
                if self.calls.leave_after == Some(seen) {
                    return Ok(Code::Cancelled);
                }
            }
            Ok::<_, tonic::Status>(Code::Ok)
        };
        let patience = self.calls.deadline.saturating_add(MARGIN);
        match timeout(patience, watching).await {
            Ok(Ok(code)) => (code, trace_id),
            Ok(Err(status)) => {
                let trace_id = trace_id.or_else(|| client::trace_id(status.metadata()));
                (status.code(), trace_id)
            }
            Err(_) => (Code::DeadlineExceeded, trace_id),
        }
    }
}
