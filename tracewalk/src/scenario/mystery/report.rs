//! What is printed of a mystery: the task, and then what it was.

use std::{collections::BTreeMap, io};

use serde_json::{Value, json};

use super::{Case, Mystery};
use crate::{
    output::{self, Printable, bold, paint_broken},
    scenario::judge,
    trace::{self, Row},
};

/// Each question with its answer, and the right one.
#[derive(Debug)]
pub(super) struct Answers([(&'static str, String, String); 3]);

/// Prints one mystery.
#[derive(Debug)]
pub(super) struct Report<'a> {
    seed: u64,
    case: &'a Case,
    mystery: &'a Mystery,
}

impl Answers {
    pub(super) fn new(answers: [(&'static str, String, String); 3]) -> Self {
        Self(answers)
    }

    pub(super) fn are_right(&self) -> bool {
        self.0.iter().all(|(_, given, right)| given == right)
    }
}

impl<'a> Report<'a> {
    pub(super) fn new(seed: u64, case: &'a Case, mystery: &'a Mystery) -> Self {
        Self {
            seed,
            case,
            mystery,
        }
    }

    /// Says what is about to be done.
    pub(super) fn begin(&self) -> io::Result<()> {
        if self.mystery.target.json {
            return Ok(());
        }
        output::line(bold(format_args!("Mystery {}", self.seed)))?;
        output::line(output::fit(
            "One service has a fault. The calls that meet it:",
            0,
        ))
    }

    /// Says how the calls ended, and where to look.
    pub(super) fn played(&self, codes: &BTreeMap<String, u32>, id: &str) -> io::Result<()> {
        let Mystery { target, .. } = self.mystery;
        if target.json {
            return Ok(());
        }
        let calls = &self.case.scenario.calls;
        let within = humantime::format_duration(calls.deadline);
        let (kind, codes) = (calls.kind.name(), judge::listed(codes));
        output::line(format_args!("  {kind}, within {within}: {codes}"))?;
        output::line(format_args!("  trace   {}", target.trace_url(id)))?;
        output::line(format_args!(
            "  charts  {}",
            self.dashboards("rpc-overview")
        ))?;
        output::line(output::fit(
            format_args!(
                "Look there, or with `tracewalk trace {id}`; then answer with a number and Enter."
            ),
            0,
        ))
    }

    /// Says which answers were right, and what showed the fault.
    pub(super) fn end(&self, answers: &Answers, shown: &Row, id: &str) -> io::Result<()> {
        if self.mystery.target.json {
            return output::json(&self.to_json(answers, shown, id));
        }
        output::line("")?;
        for (what, given, right) in &answers.0 {
            let is_right = given == right;
            let (given, right) = (Printable(given), Printable(right));
            if is_right {
                output::line(format_args!("✓ {what:<8}  {right}"))?;
            } else {
                let mark = paint_broken("✗");
                output::line(format_args!("{mark} {what:<8}  {right}, and not {given}"))?;
            }
        }
        output::line("")?;
        for line in self.explanation(shown) {
            output::line(output::fit(line, 7))?;
        }
        Ok(())
    }

    /// What the fault was, and where it is seen.
    fn explanation(&self, shown: &Row) -> [String; 4] {
        let Case {
            scenario, cause, ..
        } = self.case;
        let panel = cause.panel();
        [
            format!("fault  {}: {}", self.case.fault(), cause.says()),
            format!(
                "span   {}, {}: {}",
                trace::full_name(shown),
                seen(shown),
                cause.in_span()
            ),
            format!(
                "panel  \"{}\" at {}: {}",
                panel.title,
                self.dashboards(panel.dashboard),
                panel.shows
            ),
            format!(
                "again  tracewalk scenario run {}: {}",
                scenario.name, scenario.title
            ),
        ]
    }

    fn to_json(&self, answers: &Answers, shown: &Row, id: &str) -> Value {
        let panel = self.case.cause.panel();
        let answers_given = answers.0.iter().map(|(what, given, right)| {
            let answer = json!({ "given": given, "right": right });
            ((*what).to_owned(), answer)
        });
        json!({
            "seed": self.seed,
            "met": answers.are_right(),
            "answers": answers_given.collect::<serde_json::Map<_, _>>(),
            "scenario": self.case.scenario.name,
            "fault": self.case.fault().to_string(),
            "span": { "span_id": shown.span.id, "name": trace::full_name(shown) },
            "panel": { "title": panel.title, "url": self.dashboards(panel.dashboard) },
            "trace_id": id,
            "trace_url": self.mystery.target.trace_url(id),
        })
    }

    fn dashboards(&self, uid: &str) -> String {
        let page = self.mystery.dashboards_page.to_string();
        format!("{}/d/{uid}", page.trim_end_matches('/'))
    }
}

/// As `990 ms DEADLINE_EXCEEDED`.
fn seen(row: &Row) -> String {
    let status = Printable(&row.span.status);
    format!("{} {status}", trace::duration(row.span.duration))
}
