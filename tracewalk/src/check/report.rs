use std::io;

use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::{finding::Finding, state::State, step::Step};
use crate::output::{self, Printable, dim, paint_broken, paint_good};

/// What has been found so far: a line for each step as soon as it is known, or JSON at the end.
#[derive(Debug)]
pub(super) struct Report {
    found: Vec<(Step, State)>,
    json: bool,
    /// `None` where nobody watches.
    spinner: Option<ProgressBar>,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        let spinner = (!json && output::is_terminal()).then(ProgressBar::new_spinner);
        Self {
            found: Vec::new(),
            json,
            spinner,
        }
    }

    /// Shows which step is being checked; some steps take a while.
    pub(super) fn looking(&self, step: Step) {
        if let Some(spinner) = &self.spinner {
            spinner.enable_steady_tick(std::time::Duration::from_millis(120));
            spinner.set_message(step.name());
        }
    }

    /// # Errors
    /// When the output is closed.
    pub(super) fn add(&mut self, step: Step, state: State) -> io::Result<()> {
        if !self.json {
            let line = line(step, &state);
            match &self.spinner {
                Some(spinner) => spinner.suspend(|| output::line(line))?,
                None => output::line(line)?,
            }
        }
        self.found.push((step, state));
        Ok(())
    }

    /// Whether the step was checked and does not hold.
    pub(super) fn lacks(&self, step: Step) -> bool {
        let mut found = self.found.iter();
        found.any(|(it, state)| {
            *it == step && matches!(state, State::Broken(_) | State::NotChecked(_))
        })
    }

    /// Says what to do first, and whether the stack passes.
    ///
    /// # Errors
    /// When the output is closed.
    pub(super) fn end(&mut self, trace_id: Option<&str>) -> anyhow::Result<bool> {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
        let broken = self.first_broken();
        if self.json {
            output::json(&self.to_json(trace_id))?;
        } else {
            output::line("")?;
            match broken {
                Some((step, finding)) => explain(step, finding)?,
                None => output::line(self.summary())?,
            }
        }
        Ok(broken.is_none())
    }

    fn first_broken(&self) -> Option<(Step, &Finding)> {
        self.found.iter().find_map(|(step, state)| match state {
            State::Broken(finding) => Some((*step, finding)),
            _ => None,
        })
    }

    fn summary(&self) -> String {
        let left_out = self
            .found
            .iter()
            .filter(|(_, state)| matches!(state, State::LeftOut(_)));
        let left_out: Vec<_> = left_out
            .map(|(step, _)| step.number().to_string())
            .collect();
        if left_out.is_empty() {
            "every step holds".to_owned()
        } else {
            format!("every step holds, without {}", left_out.join(", "))
        }
    }

    fn to_json(&self, trace_id: Option<&str>) -> Value {
        let broken = self.first_broken();
        let steps = self.found.iter().map(|(step, state)| {
            let mut value = state.to_json();
            value["step"] = json!(step.name());
            value["number"] = json!(step.number());
            value
        });
        json!({
            "holds": broken.is_none(),
            "first_broken": broken.map(|(step, _)| step.name()),
            "part": broken.map(|(_, finding)| &finding.part),
            "trace_id": trace_id,
            "steps": steps.collect::<Vec<_>>(),
        })
    }
}

/// ` ✓  1 gateway  127.0.0.1:50051 is SERVING`; in colours on a terminal, unless `NO_COLOR` is set.
fn line(step: Step, state: &State) -> String {
    let (mark, fact) = match state {
        State::Holds(fact) => (paint_good("✓"), Printable(fact).to_string()),
        State::Broken(finding) => {
            let found = format!("{}: {}", finding.part, finding.found);
            (paint_broken("✗"), paint_broken(Printable(found)))
        }
        State::NotChecked(needed) => {
            let needs = format!(
                "not checked: it needs {} ({})",
                needed.number(),
                needed.name()
            );
            (dim("–"), dim(needs))
        }
        State::LeftOut(reason) => (dim("–"), dim(format_args!("left out: {reason}"))),
    };
    format!(" {mark} {:>2} {:<17} {fact}", step.number(), step.name())
}

fn explain(step: Step, finding: &Finding) -> io::Result<()> {
    let headline = format!(
        "step {}, {}, does not hold: {}",
        step.number(),
        step.name(),
        finding.part
    );
    output::line(paint_broken(Printable(headline)))?;
    for (name, text) in [
        ("expected", &finding.expected),
        ("found", &finding.found),
        ("do", &finding.advice),
    ] {
        output::line(format_args!("  {name:<9} {}", Printable(text)))?;
    }
    Ok(())
}
