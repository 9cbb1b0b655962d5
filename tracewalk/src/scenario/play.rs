//! Plays one scenario, and looks until what it expects can be seen.

use std::{path::Path, time::Instant};

use tokio::{sync::watch, time::sleep};

use super::{
    arrival::{self, MAX_WAIT, PAUSE, WHOLE},
    calls::{self, Ended},
    codes::Codes,
    environment::{Environment, Pages},
    file::Scenario,
    judge::{self, Verdict},
    linked::{self, Linked},
    progress::Progress,
    queries,
    settle::settle,
    share,
    stage::Stage,
    workload::{CallKind, Calls},
};
use crate::{
    client::{NOT_SAMPLED, Uri},
    load::{Kind, Seen},
    output,
    trace::{self, Tree},
};

/// How a scenario went.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) processes: Vec<Verdict>,
    pub(super) codes: Vec<Verdict>,
    pub(super) spans: Vec<Verdict>,
    pub(super) linked: Linked,
    pub(super) exemplars: Vec<Verdict>,
    pub(super) metrics: Vec<Verdict>,
    pub(super) queries: Vec<Verdict>,
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
        let metrics = self.exemplars.iter().chain(&self.metrics);
        let metrics = metrics.chain(&self.queries);
        let before = self.processes.iter().chain(&self.codes);
        before.chain(spans).chain(metrics)
    }
}

/// Plays a scenario, once the stack is healthy.
///
/// # Errors
/// When the stack takes no faults, is not healthy, cannot be changed, stops answering, or its metrics cannot
/// be read.
pub(super) async fn play(
    scenario: &Scenario,
    environment: &Environment,
    prometheus: &Uri,
    data_dir: &Path,
) -> anyhow::Result<Played> {
    let progress = Progress::start(environment.target.json);
    progress.says("until the stack is well");
    settle(environment, &environment.plain_caller()).await?;
    progress.says("until the stack runs as this needs it");
    let mut stage = Stage::open(scenario, environment, data_dir).await?;
    let played = play_on(&mut stage, scenario, prometheus, progress).await;
    let closed = stage.close().await;
    let played = played?;
    closed.map(|()| played)
}

/// Plays it on the stack that it needs.
async fn play_on(
    stage: &mut Stage,
    scenario: &Scenario,
    prometheus: &Uri,
    progress: Progress,
) -> anyhow::Result<Played> {
    let environment = &stage.environment.clone();
    let series = scenario.metrics.iter().map(|it| &it.series);
    let series = series.chain(scenario.exemplars.iter().map(|it| &it.series));
    let services: Vec<_> = series.map(|it| it.service.as_str()).collect();
    let plain = environment.plain_caller();
    // Calls enough to tell that it is well would be too many for a limit.
    if scenario.needs_launcher() && scenario.setup.rate_limit.is_none() {
        settle(environment, &plain).await?;
    }
    let before = environment.pages(&services).await?;
    let without_fault = without_fault(&scenario.calls);
    let calls = share::of_last_hour(&scenario.calls, prometheus).await?;
    progress.says("for the ends of the calls");
    let (ended, others, processes) = make_calls(stage, scenario, &calls, &without_fault).await?;
    if scenario.calls.wait_for_recovery {
        progress.says("until the stack is well again");
        settle(environment, &plain).await?;
    }
    let codes = codes(scenario, &ended, &others);
    if !scenario.calls.sampled {
        arrival::of_a_later_call(environment, &plain, &without_fault).await?;
    }
    let after = After {
        progress,
        scenario,
        environment,
        processes,
        prometheus,
        services,
        before,
        last: ended.last,
    };
    after.look(codes).await
}

/// Makes all calls, and does to processes what is to be done meanwhile; how they ended, and what was seen.
async fn make_calls(
    stage: &mut Stage,
    scenario: &Scenario,
    calls: &Calls,
    without_fault: &Calls,
) -> anyhow::Result<(Ended, Ended, Vec<Verdict>)> {
    let channel = stage.environment.channel.clone();
    let plain = stage.environment.plain_caller();
    let caller = stage.environment.caller(&scenario.calls).await?;
    // The call that a person may look at later.
    let last = caller.clone().debug();
    let (count, counted) = watch::channel(0);
    let (first, later) = scenario.first_and_later();
    let mut processes = stage.act(first, counted.clone()).await?;
    let (ended, others, done) = tokio::try_join!(
        calls::make_counted(channel.clone(), &caller, &last, calls, count),
        calls::make(channel, &plain, &plain, without_fault),
        stage.act(later, counted),
    )?;
    processes.extend(done);
    stage.restore().await?;
    Ok((ended, others, processes))
}

/// How the calls with a fault and those without have ended.
fn codes(scenario: &Scenario, ended: &Ended, others: &Ended) -> Vec<Verdict> {
    let mut codes = vec![judge::codes(&scenario.codes, &ended.codes)];
    if scenario.calls.without_fault > 0 {
        let all_well = Codes::all_ok(scenario.calls.without_fault);
        let mut verdict = judge::codes(&all_well, &others.codes);
        verdict.expectation.push_str(" without a fault");
        codes.push(verdict);
    }
    codes
}

/// The calls without a fault that are made at the same time.
fn without_fault(calls: &Calls) -> Calls {
    Calls {
        kind: CallKind::Known(Kind::Get),
        user: None,
        faults: Vec::new(),
        baggage: None,
        sampled: true,
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
    processes: Vec<Verdict>,
    prometheus: &'a Uri,
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
            let id = self.last.trace_id.as_deref().unwrap_or_default();
            let mut spans = match &tree {
                Ok(tree) => judge::spans(&self.scenario.spans, tree, id),
                Err(why) => judge::no_spans(&self.scenario.spans, why),
            };
            if !self.scenario.calls.sampled {
                let seen = tree.as_ref().map_or("", |_| "it is there");
                spans.push(Verdict::new(&"no trace of the call", tree.is_err(), seen));
            }
            let exemplars = self.scenario.exemplars.iter();
            let exemplars = exemplars.map(|it| it.judge(&after, Some(id)));
            let played = Played {
                processes: self.processes.clone(),
                codes: codes.clone(),
                spans,
                linked: linked::look(&self.scenario.linked, self.environment, id).await,
                exemplars: exemplars.collect(),
                queries: queries::look(&self.scenario.queries, self.prometheus).await,
                metrics: judge::metrics(&self.scenario.metrics, &self.before, &after),
                last: self.last.clone(),
                tree: tree.ok(),
            };
            // Processes and codes do not change any more, so they are no reason to look again.
            let settled = codes.len() + self.processes.len();
            let not_met = played.verdicts().skip(settled).find(|it| !it.met);
            let not_met = not_met.map(|verdict| verdict.expectation.trim().to_owned());
            let over = begin.elapsed() > MAX_WAIT || self.has_no_spans();
            match not_met {
                Some(expectation) if !over => self.progress.says(format_args!("for {expectation}")),
                _ => return Ok(played),
            }
            sleep(PAUSE).await;
        }
    }

    /// Whether the services did not sample a call that was to be sampled: no span of it will come.
    fn has_no_spans(&self) -> bool {
        self.scenario.calls.sampled && !self.last.is_sampled
    }

    /// The trace of the last call, or why there is none.
    async fn tree(&self) -> Result<Tree, String> {
        let id = self.last.trace_id.as_ref();
        let id = id.ok_or_else(|| match &self.scenario.calls.spans_of {
            Some(code) => format!("no call ended with {code}"),
            None => "the last call was answered without a trace id".to_owned(),
        })?;
        if self.has_no_spans() {
            return Err(NOT_SAMPLED.to_owned());
        }
        let tree = trace::read(&self.environment.target.ui, id, WHOLE).await;
        tree.map_err(|error| output::with_causes(&error))
    }
}
