use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

const ACTION: &str =
    "SERVICE [REPLICA] TERM|KILL|STOP|SLOW [after CALLS] or collector STOP [after CALLS]";

/// What is done to which process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Action {
    pub(crate) process: Process,
    pub(crate) signal: Signal,
    /// Once so many calls have ended.
    pub(crate) after: u32,
}

/// A process of the stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Process {
    /// One of a service, from 1.
    Of(String, usize),
    /// What takes the spans: a part of the launcher.
    Collector,
}

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signal {
    /// It is asked to end, and started again once it has.
    Term,
    /// It dies at once, and is started again when the calls have ended.
    Kill,
    /// It stands still until the calls have ended.
    Stop,
    /// It stands still again and again, until the calls have ended.
    Slow,
}

const SIGNALS: [(&str, Signal); 4] = [
    ("TERM", Signal::Term),
    ("KILL", Signal::Kill),
    ("STOP", Signal::Stop),
    ("SLOW", Signal::Slow),
];

impl Action {
    /// How a person does it to a container; `None` if there is no simple way.
    pub(crate) fn with_docker(&self) -> Option<String> {
        let signal = match self.signal {
            Signal::Term => "restart",
            Signal::Kill => "kill --signal KILL",
            Signal::Stop => "kill --signal STOP",
            Signal::Slow => return None,
        };
        Some(match &self.process {
            Process::Of(service, replica) if *replica > 1 => {
                format!("docker {signal} $(docker compose ps -q {service} | sed -n {replica}p)")
            }
            _ => format!("docker compose {signal} {}", self.container()),
        })
    }

    fn container(&self) -> &str {
        match &self.process {
            Process::Of(service, _) => service,
            Process::Collector => "jaeger",
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let refuse = || format!("`{line}` is done to no process: expected {ACTION}");
        let mut words = line.split_whitespace().peekable();
        let name = words.next().ok_or_else(refuse)?;
        let replica = words.peek().and_then(|word| word.parse::<usize>().ok());
        let process = match (name, replica) {
            ("collector", None) => Process::Collector,
            ("gateway" | "user" | "profile", replica) => {
                if replica.is_some() {
                    words.next();
                }
                Process::Of(name.to_owned(), replica.unwrap_or(1))
            }
            _ => return Err(refuse()),
        };
        let word = words.next().ok_or_else(refuse)?;
        let signal = SIGNALS.iter().find(|(name, _)| *name == word);
        let signal = signal.ok_or_else(refuse)?.1;
        let after = match (words.next(), words.next(), words.next()) {
            (None, _, _) => 0,
            (Some("after"), Some(count), None) => count.parse().map_err(|_| refuse())?,
            _ => return Err(refuse()),
        };
        if process == Process::Collector && signal != Signal::Stop || replica == Some(0) {
            return Err(refuse());
        }
        Ok(Self {
            process,
            signal,
            after,
        })
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.process {
            Process::Of(service, replica) => write!(f, "{service} {replica}")?,
            Process::Collector => f.write_str("collector")?,
        }
        let signal = SIGNALS.iter().find(|(_, signal)| *signal == self.signal);
        write!(f, " {}", signal.map_or("", |(name, _)| name))?;
        match self.after {
            0 => Ok(()),
            calls => write!(f, " after {calls}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Action;

    #[rstest]
    #[case("profile 2 STOP", "profile 2 STOP")]
    #[case("user TERM after 20", "user 1 TERM after 20")]
    #[case("collector STOP", "collector STOP")]
    fn an_action_has_a_process_and_a_deed(#[case] line: &str, #[case] shown: &str) {
        assert_eq!(line.parse::<Action>().unwrap().to_string(), shown);
    }

    #[rstest]
    #[case("")]
    #[case("profile")]
    #[case("profile 0 STOP")]
    #[case("profile 2 HUP")]
    #[case("profile 2 STOP after")]
    #[case("profile 2 STOP after 3 calls")]
    #[case("postgres STOP")]
    #[case("collector KILL")]
    #[case("collector 1 STOP")]
    fn what_cannot_be_done_is_refused_with_what_can(#[case] line: &str) {
        let error = line.parse::<Action>().unwrap_err();
        assert!(
            error.contains("expected SERVICE [REPLICA] TERM|KILL"),
            "{error}"
        );
    }

    #[test]
    fn a_person_does_the_same_with_docker() {
        let docker = |line: &str| line.parse::<Action>().unwrap().with_docker();
        let second = "docker kill --signal STOP $(docker compose ps -q profile | sed -n 2p)";
        assert_eq!(docker("profile 2 STOP").as_deref(), Some(second));
        let first = docker("collector STOP");
        assert_eq!(
            first.as_deref(),
            Some("docker compose kill --signal STOP jaeger")
        );
        assert_eq!(docker("profile SLOW"), None);
    }
}
