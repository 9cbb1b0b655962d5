use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    Check,
    evidence::Evidence,
    finding::{Finding, Verdict},
    parts::Part,
    report::Report,
    stack::Stack,
    state::State,
    step::Step,
    steps,
};

/// The pause between two checks of a step.
const PAUSE: Duration = Duration::from_millis(250);

/// A call older than this is made anew before a step is checked again: a part that its spans went
/// through may have been repaired since.
const STALE: Duration = Duration::from_secs(15);

/// The walk along the steps.
#[derive(Debug)]
pub(super) struct Walk {
    stack: Stack,
    evidence: Option<Evidence>,
    begun: Instant,
}

impl Walk {
    /// # Errors
    /// When the dashboards are needed and cannot be read.
    pub(super) async fn begin(check: Check) -> anyhow::Result<Self> {
        Ok(Self {
            stack: Stack::new(check).await?,
            evidence: None,
            begun: Instant::now(),
        })
    }

    /// Walks all steps; says whether the stack passes.
    ///
    /// # Errors
    /// When the output is closed.
    pub(super) async fn finish(mut self, report: &mut Report) -> anyhow::Result<bool> {
        for step in Step::ALL {
            report.looking(step);
            let state = self.step(step, report).await;
            report.add(step, state)?;
        }
        report.end(self.evidence.as_ref().map(|it| it.trace_id.as_str()))
    }

    /// The call that the step looks for.
    fn evidence(&self) -> &Evidence {
        self.evidence
            .as_ref()
            .expect("the steps after the call need it to hold")
    }

    async fn step(&mut self, step: Step, report: &Report) -> State {
        if step == Step::Logs
            && !self.stack.left_out.has_store()
            && let Some(reason) = self.stack.left_out.reason(Part::Loki)
        {
            return State::LeftOut(reason.to_owned());
        }
        if let Some(reason) = step
            .part()
            .and_then(|part| self.stack.left_out.reason(part))
        {
            return State::LeftOut(reason.to_owned());
        }
        if let Some(missing) = step.needs().iter().find(|needed| report.lacks(**needed)) {
            return State::NotChecked(*missing);
        }
        match self.check_until_it_holds(step).await {
            Ok(fact) => State::Holds(fact),
            Err(finding) => State::Broken(finding),
        }
    }

    /// Checks a step until it holds, or until nothing can be on its way any more.
    async fn check_until_it_holds(&mut self, step: Step) -> Result<String, Finding> {
        let first_look = Instant::now();
        let asked = self.stack.check.patience.unwrap_or(Duration::MAX);
        let max_wait = step.max_wait().min(asked);
        loop {
            let finding = match self.check(step).await {
                Ok(fact) => return Ok(fact),
                Err(finding) => finding,
            };
            let is_on_its_way = finding.may_come && first_look.elapsed() < max_wait;
            if !is_on_its_way && self.begun.elapsed() >= self.stack.check.wait {
                return Err(finding);
            }
            sleep(PAUSE).await;
            self.refresh().await;
        }
    }

    /// Checks a step once.
    async fn check(&mut self, step: Step) -> Verdict {
        let stack = &self.stack;
        match step {
            Step::Gateway => steps::gateway::check(stack).await,
            Step::Services => steps::services::check(stack).await,
            Step::Call => steps::call::check(stack, &mut self.evidence).await,
            Step::Trace => steps::trace::check(stack, self.evidence()).await,
            Step::Spans => steps::spans::check(stack, self.evidence()).await,
            Step::Histograms => steps::histograms::check(stack, self.evidence()).await,
            Step::Exemplars => steps::exemplars::check(stack, self.evidence()).await,
            Step::Prometheus => steps::prometheus::check(stack, self.evidence()).await,
            Step::StoredExemplars => steps::stored_exemplars::check(stack).await,
            Step::Rules => steps::rules::check(stack).await,
            Step::Grafana => steps::grafana::check(stack).await,
            Step::Dashboards => steps::dashboards::check(stack).await,
            Step::Logs => steps::logs::check(stack, self.evidence()).await,
            Step::Panels => steps::panels::check(stack).await,
        }
    }

    /// Makes a stale call anew. If the new call fails, the old one stays: it has a step of its own.
    async fn refresh(&mut self) {
        let is_stale = |evidence: &Evidence| evidence.made.elapsed() > STALE;
        if self.evidence.as_ref().is_some_and(is_stale)
            && let Ok(evidence) = Evidence::gather(&self.stack).await
        {
            self.evidence = Some(evidence);
        }
    }
}
