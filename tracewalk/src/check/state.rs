use serde_json::{Value, json};

use super::{finding::Finding, step::Step};

/// The result of a step.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// The step holds, by this measured fact.
    Holds(String),
    Broken(Finding),
    /// The step was not checked, because this earlier step does not hold.
    NotChecked(Step),
    /// The step checks a part that is not there on purpose, for this reason.
    LeftOut(String),
}

impl State {
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Holds(fact) => json!({ "state": "holds", "fact": fact }),
            Self::Broken(finding) => json!({
                "state": "broken",
                "part": finding.part,
                "expected": finding.expected,
                "found": finding.found,
                "do": finding.advice,
            }),
            Self::NotChecked(needed) => json!({ "state": "not_checked", "needs": needed.name() }),
            Self::LeftOut(reason) => json!({ "state": "left_out", "reason": reason }),
        }
    }
}
