use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

/// The ledger of a service, as in its last log event: where every span has gone.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(super) struct Ledger {
    started: u64,
    exported: u64,
    failed: u64,
    dropped: u64,
}

impl Ledger {
    /// Finds the ledger among the last lines of a log.
    pub(super) fn find(lines: &[String]) -> Option<Self> {
        lines
            .iter()
            .rev()
            .find_map(|line| serde_json::from_str(line).ok())
    }

    /// Whether each span was exported.
    pub(super) fn has_lost_nothing(self) -> bool {
        self.started == self.exported
    }

    /// The sum of the ledgers of several services.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            started: self.started + other.started,
            exported: self.exported + other.exported,
            failed: self.failed + other.failed,
            dropped: self.dropped + other.dropped,
        }
    }
}

impl Display for Ledger {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            started,
            exported,
            failed,
            dropped,
        } = self;
        write!(
            f,
            "{started} started = {exported} exported + {failed} failed + {dropped} dropped"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn the_books_are_the_last_event_that_has_their_numbers() {
        let lines = [
            r#"{"message":"ready","grpc":"127.0.0.1:1"}"#,
            r#"{"message":"span ledger","started":7,"exported":4,"failed":2,"dropped":1,"live":0}"#,
            "not an event",
        ];
        let ledger = Ledger::find(&lines.map(str::to_owned)).unwrap();
        let text = "7 started = 4 exported + 2 failed + 1 dropped";
        assert_eq!(ledger.to_string(), text);
        assert_eq!(ledger.plus(Ledger::default()).to_string(), text);
        assert_eq!(Ledger::find(&[]), None);
    }
}
