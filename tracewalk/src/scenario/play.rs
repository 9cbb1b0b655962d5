//! Plays one scenario, and looks until what it expects can be seen.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{
    calls,
    environment::{Environment, Pages},
    file::{Calls, Scenario},
    judge::{self, Verdict},
    linked::{self, Linked},
    progress::Progress,
    settle::settle,
};
use crate::{
    client::NOT_SAMPLED,
    load::{Kind, Seen},
    output,
    trace::{self, Tree},
};

/// How long spans may be on their way.
const MAX_WAIT: Duration = Duration::from_secs(15);

/// How long one look waits for a trace to be whole.
const WHOLE: Duration = Duration::from_secs(2);

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// How a scenario went.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) codes: Vec<Verdict>,
    pub(super) spans: Vec<Verdict>,
    pub(super) linked: Linked,
    pub(super) metrics: Vec<Verdict>,
    /// What the answer to the last call said.
    pub(super) last: Seen,
    /// `None` when the trace did not arrive in time.
    pub(super) tree: Option<Tree>,
}

impl Played {
    pub(super) fn is_met(&self) -> bool {
        self.verdicts().all(|verdict| verdict.met)
    }

    pub(super) fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        let spans = self.spans.iter().chain(&self.linked.verdicts);
        self.codes.iter().chain(spans).chain(&self.metrics)
    }
}

/// Plays a scenario, once the stack is healthy.
///
/// # Errors
/// When the stack takes no faults, is not healthy, stops answering, or its metrics cannot be read.
pub(super) async fn play(scenario: &Scenario, environment: &Environment) -> anyhow::Result<Played> {
    let services: Vec<_> = scenario
        .metrics
        .iter()
        .map(|it| it.service.as_str())
        .collect();
    let plain = environment.caller(&[]).await?;
    let caller = environment.caller(&scenario.calls.faults).await?;
    let progress = Progress::start(environment.target.json);
    progress.says("until the stack is well");
    settle(environment, &plain).await?;
    let before = environment.pages(&services).await?;
    let without_fault = without_fault(&scenario.calls);
    progress.says("for the ends of the calls");
    let (ended, others) = tokio::try_join!(
        calls::make(environment.channel.clone(), &caller, &scenario.calls),
        calls::make(environment.channel.clone(), &plain, &without_fault),
    )?;
    if scenario.calls.wait_for_recovery {
        progress.says("until the stack is well again");
        settle(environment, &plain).await?;
    }
    let mut codes = vec![judge::codes(&scenario.codes, &ended.codes)];
    if scenario.calls.without_fault > 0 {
        let all_well = BTreeMap::from([("OK".to_owned(), scenario.calls.without_fault)]);
        let mut verdict = judge::codes(&all_well, &others.codes);
        verdict.expectation.push_str(" without a fault");
        codes.push(verdict);
    }
    let after = After {
        progress,
        scenario,
        environment,
        services,
        before,
        last: ended.last,
    };
    after.look(codes).await
}

/// The calls without a fault that are made at the same time.
fn without_fault(calls: &Calls) -> Calls {
    Calls {
        kind: Kind::Get,
        user: None,
        faults: Vec::new(),
        count: calls.without_fault,
        parallel: 4,
        ..calls.clone()
    }
}

/// What there is to look at after the calls.
struct After<'a> {
    progress: Progress,
    scenario: &'a Scenario,
    environment: &'a Environment,
    services: Vec<&'a str>,
    before: Pages,
    last: Seen,
}

impl After<'_> {
    /// Looks again until all expectations are met, or until the wait for late spans is over.
    async fn look(self, codes: Vec<Verdict>) -> anyhow::Result<Played> {
        let begin = Instant::now();
        loop {
            let after = self.environment.pages(&self.services).await?;
            let tree = self.tree().await;
            let spans = match &tree {
                Ok(tree) => judge::spans(&self.scenario.spans, tree),
                Err(why) => judge::no_spans(&self.scenario.spans, why),
            };
            let id = self.last.trace_id.as_deref().unwrap_or_default();
            let played = Played {
                codes: codes.clone(),
                spans,
                linked: linked::look(&self.scenario.linked, self.environment, id).await,
                metrics: judge::metrics(&self.scenario.metrics, &self.before, &after),
                last: self.last.clone(),
                tree: tree.ok(),
            };
            // The codes do not change any more, so they are no reason to look again.
            let not_met = played.verdicts().skip(codes.len()).find(|it| !it.met);
            let not_met = not_met.map(|verdict| verdict.expectation.trim().to_owned());
            // No span will come of a trace that was not sampled.
            let over = begin.elapsed() > MAX_WAIT || !self.last.is_sampled;
            match not_met {
                Some(expectation) if !over => self.progress.says(format_args!("for {expectation}")),
                _ => return Ok(played),
            }
            sleep(PAUSE).await;
        }
    }

    /// The trace of the last call, or why there is none.
    async fn tree(&self) -> Result<Tree, String> {
        let Seen {
            trace_id: Some(id),
            is_sampled,
            ..
        } = &self.last
        else {
            return Err("the last call was answered without a trace id".to_owned());
        };
        if !is_sampled {
            return Err(NOT_SAMPLED.to_owned());
        }
        let tree = trace::read(&self.environment.target.ui, id, WHOLE).await;
        tree.map_err(|error| output::with_causes(&error))
    }
}
