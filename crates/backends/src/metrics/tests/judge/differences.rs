//! Where an answer may be another than that of Prometheus, and why.

use serde_json::Value;

/// Both answers to a query: the status and the body.
pub(super) struct Answers<'a> {
    pub(super) query: &'a str,
    pub(super) real: &'a (u16, Value),
    pub(super) ours: &'a (u16, Value),
}

/// A difference that is meant, or not worth mending.
struct Difference {
    reason: &'static str,
    applies: fn(&Answers) -> bool,
}

const CALENDAR: &[&str] = &["minute(", "hour(", "day", "month(", "year("];

const DIFFERENCES: &[Difference] = &[
    Difference {
        reason: "a duration is a number or a duration, not an expression of them",
        applies: |it| it.is_refused_here() && it.ours_says("expected duration"),
    },
    Difference {
        reason: "the date of a number that is no moment is NaN; in Go the conversion is undefined",
        applies: |it| {
            let are_answers = it.real.0 == 200 && it.ours.0 == 200;
            are_answers && it.has(CALENDAR) && it.ours.1.to_string().contains("NaN")
        },
    },
    Difference {
        reason: "Go's logarithms of numbers below 1e-308 are off",
        applies: |it| it.real.0 == 200 && it.ours.0 == 200 && it.has(&["ln(", "log2(", "log10("]),
    },
    Difference {
        reason: "a compiled pattern has at most 256 KiB",
        applies: |it| it.is_refused_here() && it.ours_says("exceeds size limit"),
    },
];

/// Why the answers may differ, if there is a reason.
pub(super) fn reason(answers: &Answers) -> Option<&'static str> {
    let found = DIFFERENCES.iter().find(|it| (it.applies)(answers));
    found.map(|difference| difference.reason)
}

impl Answers<'_> {
    fn is_refused_here(&self) -> bool {
        self.real.0 == 200 && self.ours.0 == 400
    }

    fn has(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.query.contains(part))
    }

    fn ours_says(&self, part: &str) -> bool {
        self.ours.1["error"]
            .as_str()
            .is_some_and(|error| error.contains(part))
    }
}
