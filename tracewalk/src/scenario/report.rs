//! What is printed: each expectation with ✓ or ✗, and what was seen instead.

use std::{io, process::ExitCode};

use serde_json::json;

use super::{
    describe::{describe, does},
    file::Scenario,
    judge::Verdict,
    look::Played,
};
use crate::{
    client::{LastTrace, Target},
    load::Seen,
    output::{self, Printable, bold, dim, paint_broken},
    trace,
};

/// Prints one scenario after the other.
#[derive(Debug)]
pub(super) struct Report<'a> {
    target: &'a Target,
    /// How many scenarios are played; one alone is shown with its waterfall.
    total: usize,
    failed: usize,
    skipped: usize,
}

/// Prints what there is to play.
pub(super) fn list(scenarios: &[Scenario], json: bool) -> anyhow::Result<ExitCode> {
    let longest = scenarios.iter().map(|scenario| scenario.name.len()).max();
    let width = longest.unwrap_or(0);
    for scenario in scenarios {
        if json {
            output::json(&describe(scenario))?;
        } else {
            let Scenario { name, lesson, .. } = scenario;
            output::line(format_args!("{name:width$}  {}", bold(&scenario.title)))?;
            output::line(format_args!("{:width$}  {lesson}", ""))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl<'a> Report<'a> {
    pub(super) fn new(target: &'a Target, total: usize) -> Self {
        Self {
            target,
            total,
            failed: 0,
            skipped: 0,
        }
    }

    /// Says why a scenario is not played.
    pub(super) fn skip(&mut self, scenario: &Scenario, why: &anyhow::Error) -> io::Result<()> {
        self.skipped += 1;
        let why = why.to_string();
        if self.target.json {
            let mut printed = describe(scenario);
            printed["skipped"] = json!(why);
            return output::json(&printed);
        }
        output::line(format_args!("{}  {}", scenario.name, bold(&scenario.title)))?;
        output::line(output::fit(format_args!("  not played: {why}"), 2))?;
        output::line("")
    }

    /// Says what is about to be done.
    pub(super) fn begin(&self, scenario: &Scenario) -> io::Result<()> {
        if self.target.json {
            return Ok(());
        }
        output::line(format_args!("{}  {}", scenario.name, bold(&scenario.title)))?;
        output::line(output::fit(format_args!("  {}", scenario.lesson), 2))?;
        output::line(output::fit(dim(format_args!("  {}", does(scenario))), 2))
    }

    /// Says which expectations were met.
    pub(super) fn end(&mut self, scenario: &Scenario, played: &Played) -> io::Result<()> {
        self.failed += usize::from(!played.is_met());
        let Seen {
            trace_id,
            is_sampled,
            ..
        } = &played.last;
        LastTrace::remember(self.target, trace_id.as_deref(), *is_sampled);
        if self.target.json {
            let url = trace_id.as_ref().filter(|_| *is_sampled);
            let url = url.map(|id| self.target.trace_url(id));
            let mut printed = describe(scenario);
            printed["met"] = json!(played.is_met());
            printed["expectations"] = json!(played.verdicts().collect::<Vec<_>>());
            printed["trace_id"] = json!(trace_id);
            printed["trace_url"] = json!(url);
            return output::json(&printed);
        }
        section("processes", &played.processes)?;
        section("codes", &played.codes)?;
        section("slow calls that samplers keep", &played.samplers)?;
        section("spans", &played.spans)?;
        section("in traces with a link to it", &played.linked.verdicts)?;
        section("exemplars of the call", &played.exemplars)?;
        section("metrics", &played.metrics)?;
        section("queries", &played.queries)?;
        self.waterfall(played)?;
        if let Some(id) = trace_id {
            let place = self.target.trace_place(id, *is_sampled);
            output::line(format_args!("  trace  {place}"))?;
        }
        if let Some(page) = &scenario.page {
            output::line(format_args!("  page   {page}"))?;
        }
        if let Some(alert) = &scenario.alert {
            output::line(format_args!("  alert  {alert}"))?;
        }
        output::line("")
    }

    /// Says how many scenarios were as expected, when there was more than one; how many were not.
    pub(super) fn sum(&self) -> io::Result<usize> {
        if self.target.json || self.total == 1 {
            return Ok(self.failed);
        }
        let played = self.total - self.skipped;
        let met = played - self.failed;
        output::line(format_args!("{met} of {played} scenarios are as expected"))?;
        if self.skipped > 0 {
            let skipped = self.skipped;
            output::line(format_args!("{skipped} more need `tracewalk up`"))?;
        }
        Ok(self.failed)
    }

    /// Only when one scenario is played: among many, waterfalls would bury the expectations.
    fn waterfall(&self, played: &Played) -> io::Result<()> {
        let (Some(id), Some(tree)) = (&played.last.trace_id, &played.tree) else {
            return Ok(());
        };
        if self.total > 1 {
            return Ok(());
        }
        let linked = played.linked.traces.iter().map(|(id, tree)| (id, tree));
        for (id, tree) in [(id, tree)].into_iter().chain(linked) {
            output::line("")?;
            for line in trace::draw(id, tree, &[]) {
                output::line(line)?;
            }
        }
        output::line("")
    }
}

fn section(title: &str, verdicts: &[Verdict]) -> io::Result<()> {
    if verdicts.is_empty() {
        return Ok(());
    }
    output::line(format_args!("  {title}"))?;
    for verdict in verdicts {
        let Verdict {
            expectation,
            met,
            seen,
        } = verdict;
        let seen = Printable(seen).to_string();
        let line = match (met, seen.is_empty()) {
            (true, true) => format!("    ✓ {expectation}"),
            (true, false) => format!("    ✓ {expectation}  {}", dim(format_args!("seen {seen}"))),
            (false, _) => format!("    {} {expectation}  seen: {seen}", paint_broken("✗")),
        };
        output::line(output::fit(line, 8))?;
    }
    Ok(())
}
