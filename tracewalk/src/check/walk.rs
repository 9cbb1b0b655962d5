use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    Check, evidence::Evidence, gap::Gap, hop::Hop, parts::Part, report::Report, stack::Stack,
};

/// Between two looks at a hop.
const PAUSE: Duration = Duration::from_millis(250);

/// A call older than this is made anew before a hop is tried again: what its traces went through
/// may have been repaired since.
const STALE: Duration = Duration::from_secs(15);

/// The walk along the hops.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) stack: Stack,
    evidence: Option<Evidence>,
    begun: Instant,
}

/// How a hop was found.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// It holds, by this measured fact.
    Holds(String),
    Broken(Gap),
    /// It says nothing as long as that one does not hold.
    NotChecked(Hop),
    /// It is about a part that is not there on purpose, for this reason.
    LeftOut(String),
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

    /// Walks all hops; says whether the stack passes.
    ///
    /// # Errors
    /// When the output is closed.
    pub(super) async fn finish(mut self, report: &mut Report) -> anyhow::Result<bool> {
        for hop in Hop::ALL {
            report.looking(hop);
            let state = self.step(hop, report).await;
            report.add(hop, state)?;
        }
        report.end(self.evidence.as_ref().map(|it| it.trace_id.as_str()))
    }

    /// The call that the hop looks for.
    pub(super) fn evidence(&self) -> &Evidence {
        self.evidence
            .as_ref()
            .expect("the hops after the call need it to hold")
    }

    /// Remembers the call that later hops look for.
    pub(super) fn remember(&mut self, evidence: Evidence) {
        self.evidence = Some(evidence);
    }

    async fn step(&mut self, hop: Hop, report: &Report) -> State {
        if hop == Hop::Logs
            && !self.stack.left_out.has_store()
            && let Some(reason) = self.stack.left_out.reason(Part::Loki)
        {
            return State::LeftOut(reason.to_owned());
        }
        if let Some(reason) = hop.part().and_then(|part| self.stack.left_out.reason(part)) {
            return State::LeftOut(reason.to_owned());
        }
        if let Some(missing) = hop.needs().iter().find(|needed| report.lacks(**needed)) {
            return State::NotChecked(*missing);
        }
        match self.insist(hop).await {
            Ok(fact) => State::Holds(fact),
            Err(gap) => State::Broken(gap),
        }
    }

    /// Looks until the hop holds or there is nothing more to wait for.
    async fn insist(&mut self, hop: Hop) -> Result<String, Gap> {
        let first_look = Instant::now();
        let asked = self.stack.check.patience.unwrap_or(Duration::MAX);
        let patience = hop.patience().min(asked);
        loop {
            let gap = match hop.check(self).await {
                Ok(fact) => return Ok(fact),
                Err(gap) => gap,
            };
            let is_on_its_way = gap.may_come && first_look.elapsed() < patience;
            if !is_on_its_way && self.begun.elapsed() >= self.stack.check.wait {
                return Err(gap);
            }
            sleep(PAUSE).await;
            self.refresh().await;
        }
    }

    /// Makes a stale call anew; one that fails changes nothing, as it is not what is looked at.
    async fn refresh(&mut self) {
        let is_stale = |evidence: &Evidence| evidence.made.elapsed() > STALE;
        if self.evidence.as_ref().is_some_and(is_stale)
            && let Ok(evidence) = Evidence::gather(&self.stack).await
        {
            self.remember(evidence);
        }
    }
}
