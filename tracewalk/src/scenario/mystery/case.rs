use anyhow::{Context as _, anyhow};
use rand::{SeedableRng as _, rngs::StdRng, seq::IteratorRandom as _};
use tonic_resilience::server::layers::inject_fault::Fault;

use super::Cause;
use crate::{
    scenario::{file::Scenario, library},
    trace::{Row, Tree},
};

/// More calls open a circuit breaker, which then hides the fault.
const MAX_CALLS: u32 = 20;

/// A fault to be found.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) scenario: Scenario,
    pub(super) cause: Cause,
    fault: Fault,
}

impl Case {
    /// The case of this number.
    ///
    /// # Errors
    /// When a scenario of the library cannot be read.
    pub(super) fn choose(seed: u64) -> anyhow::Result<Self> {
        // First the cause: there are more scenarios of some than of others.
        let count = Cause::ALL.len() as u64;
        let number = usize::try_from(seed % count).expect("there are few causes");
        let wanted = Cause::ALL[number];
        let cases = library::all()?.into_iter().filter_map(Self::new);
        let cases: Vec<_> = cases.filter(|it| it.cause == wanted).collect();
        let mut random = StdRng::seed_from_u64(seed);
        let chosen = cases.into_iter().choose(&mut random);
        chosen.context("the library has faults of each cause")
    }

    /// `None` where no fault of one call can be found in its trace.
    fn new(scenario: Scenario) -> Option<Self> {
        let [fault] = &scenario.calls.faults[..] else {
            return None;
        };
        let after_the_call = fault.method.as_deref() == Some(proto::PROCESS_EVENT);
        let is_traced = scenario.calls.sampled && !scenario.spans.is_empty();
        if after_the_call || !is_traced || scenario.calls.count > MAX_CALLS {
            return None;
        }
        Some(Self {
            cause: Cause::of(&scenario, fault.kind)?,
            fault: fault.clone(),
            scenario,
        })
    }

    pub(super) fn service(&self) -> &str {
        &self.fault.service
    }

    pub(super) fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The span that shows it: the call, as the service served it.
    ///
    /// # Errors
    /// When it is not there.
    pub(super) fn evidence<'a>(&self, tree: &'a Tree) -> anyhow::Result<&'a Row> {
        let served =
            |row: &&Row| row.span.service == self.fault.service && row.span.kind == "server";
        let found = tree.rows().iter().find(served);
        found.ok_or_else(|| anyhow!("the trace is not whole: try again with the same --seed"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Case, Cause};

    #[test]
    fn each_cause_is_found_by_some_seed_and_a_seed_finds_the_same_one() {
        let mut seeds = BTreeMap::new();
        for seed in 0..6 {
            let case = Case::choose(seed).unwrap();
            let again = Case::choose(seed).unwrap();
            assert_eq!(case.scenario.name, again.scenario.name);
            seeds.entry(case.cause.name()).or_insert(seed);
        }
        let causes: Vec<_> = seeds.keys().copied().collect();
        let mut all = Cause::ALL.map(Cause::name);
        all.sort_unstable();
        assert_eq!(causes, all);
    }
}
