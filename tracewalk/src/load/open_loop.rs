use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{SeedableRng as _, rngs::StdRng};
use tokio::sync::{Semaphore, mpsc::UnboundedSender};
use tokio_util::task::TaskTracker;
use tonic::{Code, metadata::MetadataMap};

use super::{CallGenerator, Mix, mix::Kind, pacer::Pacer};
use crate::{client, stop::Stop};

/// A schedule of calls.
#[derive(Clone, Debug)]
pub(crate) struct OpenLoop {
    /// Calls a second.
    pub(crate) rps: f64,
    /// How long calls become due; `None` means until stopped.
    pub(crate) duration: Option<Duration>,
    /// The most calls in flight.
    pub(crate) concurrency: u32,
    /// How often each kind is called.
    pub(crate) mix: Mix,
    /// The seed from which kinds and arguments are drawn.
    pub(crate) seed: u64,
}

/// How one call went.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// What was called.
    pub(crate) kind: Kind,
    /// How it ended.
    pub(crate) code: Code,
    /// From when the call was due to the end of its answer.
    pub(crate) latency: Duration,
    /// What its answer said beside the code.
    pub(crate) seen: Seen,
}

/// What is seen of an answer beside its code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// `None` when no answer named one.
    pub(crate) trace_id: Option<String>,
    /// Whether the spans of that trace are exported.
    pub(crate) is_sampled: bool,
    /// Whether a part of the answer could not be had.
    pub(crate) degraded: bool,
}

impl OpenLoop {
    /// How many calls become due; `None` means without end.
    pub(crate) fn total(&self) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is not negative, and the cast of a float saturates"
        )]
        self.duration
            .map(|duration| (self.rps * duration.as_secs_f64()).ceil() as u64)
    }

    /// Sends calls until the schedule ends or `stop` says so, then waits for those in flight.
    pub(crate) async fn run(
        self,
        generator: CallGenerator,
        outcomes: UnboundedSender<Outcome>,
        stop: Stop,
    ) {
        let places = Arc::new(Semaphore::new(self.concurrency as usize));
        let mut random = StdRng::seed_from_u64(self.seed);
        let mut pacer = Pacer::start(self.rps, self.total());
        let calls = TaskTracker::new();
        loop {
            let next = async {
                let due = pacer.next().await?;
                let place = Arc::clone(&places).acquire_owned().await.ok()?;
                Some((due, place))
            };
            let (due, place) = tokio::select! {
                biased;
                () = stop.requested() => break,
                next = next => match next {
                    Some(next) => next,
                    None => break,
                },
            };
            let call = generator.draw(self.mix.draw(&mut random), &mut random);
            let outcomes = outcomes.clone();
            calls.spawn(async move {
                let outcome = call.perform(due).await;
                drop(place);
                // Nobody listens any more: the loop is being dropped.
                drop(outcomes.send(outcome));
            });
        }
        calls.close();
        calls.wait().await;
    }
}

impl Seen {
    /// Reads which trace an answer is in; the first metadata that names one counts.
    pub(crate) fn note(&mut self, metadata: &MetadataMap) {
        if self.trace_id.is_none() {
            self.trace_id = client::trace_id(metadata);
            self.is_sampled = client::is_sampled(metadata);
        }
    }
}

impl Outcome {
    /// Ends the measurement of a call that was due at `due`.
    pub(super) fn ended(kind: Kind, due: Instant, code: Code, seen: Seen) -> Self {
        Self {
            kind,
            code,
            latency: due.elapsed(),
            seen,
        }
    }
}
