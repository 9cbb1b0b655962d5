use std::io;

use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::{gap::Gap, hop::Hop, walk::State};
use crate::output::{self, Printable, dim, paint_broken, paint_good};

/// What has been found so far: a line for each hop as soon as it is known, or JSON at the end.
#[derive(Debug)]
pub(super) struct Report {
    found: Vec<(Hop, State)>,
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

    /// Says what is looked at; some hops take a while.
    pub(super) fn looking(&self, hop: Hop) {
        if let Some(spinner) = &self.spinner {
            spinner.enable_steady_tick(std::time::Duration::from_millis(120));
            spinner.set_message(hop.name());
        }
    }

    /// # Errors
    /// When the output is closed.
    pub(super) fn add(&mut self, hop: Hop, state: State) -> io::Result<()> {
        if !self.json {
            let line = line(hop, &state);
            match &self.spinner {
                Some(spinner) => spinner.suspend(|| output::line(line))?,
                None => output::line(line)?,
            }
        }
        self.found.push((hop, state));
        Ok(())
    }

    /// Whether the hop was looked at and does not hold.
    pub(super) fn lacks(&self, hop: Hop) -> bool {
        let mut found = self.found.iter();
        found.any(|(it, state)| {
            *it == hop && matches!(state, State::Broken(_) | State::NotChecked(_))
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
                Some((hop, gap)) => explain(hop, gap)?,
                None => output::line(self.summary())?,
            }
        }
        Ok(broken.is_none())
    }

    fn first_broken(&self) -> Option<(Hop, &Gap)> {
        self.found.iter().find_map(|(hop, state)| match state {
            State::Broken(gap) => Some((*hop, gap)),
            _ => None,
        })
    }

    fn summary(&self) -> String {
        let left_out = self
            .found
            .iter()
            .filter(|(_, state)| matches!(state, State::LeftOut(_)));
        let left_out: Vec<_> = left_out.map(|(hop, _)| hop.number().to_string()).collect();
        if left_out.is_empty() {
            "every hop holds".to_owned()
        } else {
            format!("every hop holds, without {}", left_out.join(", "))
        }
    }

    fn to_json(&self, trace_id: Option<&str>) -> Value {
        let broken = self.first_broken();
        let hops = self.found.iter().map(|(hop, state)| {
            let mut value = state.to_json();
            value["hop"] = json!(hop.name());
            value["number"] = json!(hop.number());
            value
        });
        json!({
            "holds": broken.is_none(),
            "first_broken": broken.map(|(hop, _)| hop.name()),
            "part": broken.map(|(_, gap)| &gap.part),
            "trace_id": trace_id,
            "hops": hops.collect::<Vec<_>>(),
        })
    }
}

impl State {
    fn to_json(&self) -> Value {
        match self {
            Self::Holds(fact) => json!({ "state": "holds", "fact": fact }),
            Self::Broken(gap) => json!({
                "state": "broken",
                "part": gap.part,
                "expected": gap.expected,
                "found": gap.found,
                "do": gap.advice,
            }),
            Self::NotChecked(needed) => json!({ "state": "not_checked", "needs": needed.name() }),
            Self::LeftOut(reason) => json!({ "state": "left_out", "reason": reason }),
        }
    }
}

/// ` ✓  1 gateway  127.0.0.1:50051 is SERVING`; in colours on a terminal, unless `NO_COLOR` is set.
fn line(hop: Hop, state: &State) -> String {
    let (mark, fact) = match state {
        State::Holds(fact) => (paint_good("✓"), Printable(fact).to_string()),
        State::Broken(gap) => {
            let found = format!("{}: {}", gap.part, gap.found);
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
    format!(" {mark} {:>2} {:<17} {fact}", hop.number(), hop.name())
}

fn explain(hop: Hop, gap: &Gap) -> io::Result<()> {
    let headline = format!(
        "hop {}, {}, does not hold: {}",
        hop.number(),
        hop.name(),
        gap.part
    );
    output::line(paint_broken(Printable(headline)))?;
    for (name, text) in [
        ("expected", &gap.expected),
        ("found", &gap.found),
        ("do", &gap.advice),
    ] {
        output::line(format_args!("  {name:<9} {}", Printable(text)))?;
    }
    Ok(())
}
