//! Looks until what a scenario expects can be seen, or could no longer come.

use std::time::Instant;

use tokio::time::sleep;

use super::{
    arrival::{MAX_WAIT, PAUSE, WHOLE},
    environment::{Environment, Pages},
    file::Scenario,
    judge::{self, Verdict},
    linked::{self, Linked},
    progress::Progress,
    queries,
};
use crate::{
    client::{NOT_SAMPLED, Uri},
    load::Seen,
    output,
    trace::{self, Tree},
};

/// How a scenario went.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) processes: Vec<Verdict>,
    pub(super) codes: Vec<Verdict>,
    pub(super) samplers: Vec<Verdict>,
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
        let before = before.chain(&self.samplers);
        before.chain(spans).chain(metrics)
    }
}

/// What there is to look at after the calls.
pub(super) struct After<'a> {
    pub(super) progress: Progress,
    pub(super) scenario: &'a Scenario,
    pub(super) environment: &'a Environment,
    pub(super) processes: Vec<Verdict>,
    pub(super) prometheus: &'a Uri,
    pub(super) services: Vec<&'a str>,
    pub(super) before: Pages,
    pub(super) last: Seen,
}

impl After<'_> {
    /// Looks again until all expectations are met, or until the wait for late spans is over.
    pub(super) async fn look(
        self,
        codes: Vec<Verdict>,
        samplers: Vec<Verdict>,
    ) -> anyhow::Result<Played> {
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
                samplers: samplers.clone(),
                spans,
                linked: linked::look(&self.scenario.linked, self.environment, id).await,
                exemplars: exemplars.collect(),
                queries: queries::look(&self.scenario.queries, self.prometheus).await,
                metrics: judge::metrics(&self.scenario.metrics, &self.before, &after),
                last: self.last.clone(),
                tree: tree.ok(),
            };
            // These do not change any more, so they are no reason to look again.
            let settled = self.processes.len() + codes.len() + samplers.len();
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
