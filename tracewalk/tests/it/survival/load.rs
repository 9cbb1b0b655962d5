use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use proto::gateway::v1::GetUserRequest;
use tokio::task::JoinSet;
use tonic::Code;

use super::chain::Chain;
use crate::support::{Caller, until};

/// Time between two calls of a caller.
const PAUSE: Duration = Duration::from_millis(10);

/// Callers that read a user again and again, each over a connection of its own.
#[derive(Debug)]
pub(crate) struct Load {
    ended: Arc<Mutex<Vec<Outcome>>>,
    stop: Arc<AtomicBool>,
    callers: JoinSet<()>,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) begun: Instant,
    pub(crate) code: Code,
    /// Without the profile.
    pub(crate) degraded: bool,
}

impl Outcome {
    /// An answer without its profile is one that the last hop failed to give.
    pub(crate) fn failed(&self) -> bool {
        self.code != Code::Ok || self.degraded
    }
}

impl Load {
    pub(crate) async fn start(chain: &Chain, callers: usize) -> Self {
        let mut load = Self {
            ended: Arc::default(),
            stop: Arc::default(),
            callers: JoinSet::new(),
        };
        for _ in 0..callers {
            let caller = Caller::connect(chain.gateway.address("grpc").await).await;
            let (ended, stop) = (Arc::clone(&load.ended), Arc::clone(&load.stop));
            load.callers.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let outcome = call(&caller).await;
                    ended.lock().expect("no panic with it").push(outcome);
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
        load
    }

    pub(crate) fn ended(&self) -> Vec<Outcome> {
        self.ended.lock().expect("no panic with it").clone()
    }

    /// Waits for so many calls that begin from here on, and returns how those that failed ended.
    pub(crate) async fn failures_of_next(&self, calls: usize) -> BTreeMap<String, usize> {
        let since = Instant::now();
        until(&format!("{calls} calls"), async || {
            (self.since(since).len() >= calls).then_some(())
        })
        .await;
        failures(&self.since(since))
    }

    /// The calls that began after this moment and have ended.
    pub(crate) fn since(&self, moment: Instant) -> Vec<Outcome> {
        let mut ended = self.ended();
        ended.retain(|outcome| outcome.begun > moment);
        ended
    }

    /// Lets the callers end their last calls, and returns all.
    pub(crate) async fn stop(mut self) -> Vec<Outcome> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(caller) = self.callers.join_next().await {
            caller.expect("a caller does not panic");
        }
        self.ended()
    }
}

/// How often each kind of failure came.
pub(crate) fn failures(outcomes: &[Outcome]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.failed()) {
        let kind = format!("{:?} degraded={}", outcome.code, outcome.degraded);
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

/// Reads a user once.
pub(crate) async fn call(caller: &Caller) -> Outcome {
    let begun = Instant::now();
    let request = GetUserRequest {
        user_id: "1".to_owned(),
    };
    match caller.gateway.clone().get_user(request).await {
        Ok(answer) => Outcome {
            begun,
            code: Code::Ok,
            degraded: answer.get_ref().degraded,
        },
        Err(status) => Outcome {
            begun,
            code: status.code(),
            degraded: false,
        },
    }
}
