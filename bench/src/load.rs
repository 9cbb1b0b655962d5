use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use serde::{Serialize, Serializer};

/// How calls come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// A closed loop: each of so many callers sends its next call when the last one is answered.
    InFlight(usize),
    /// An open loop: so many calls a second, whether the others are answered or not.
    PerSecond(u32),
}

impl Load {
    /// For the title of a plot.
    pub(crate) fn described(self) -> String {
        match self {
            Self::InFlight(calls) => format!("{calls} in flight"),
            Self::PerSecond(calls) => format!("{calls} a second"),
        }
    }
}

impl FromStr for Load {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let load = match text.strip_suffix("rps") {
            Some(number) => number.parse().ok().map(Self::PerSecond),
            None => text.parse().ok().map(Self::InFlight),
        };
        match load {
            None | Some(Self::PerSecond(0) | Self::InFlight(0)) => {
                Err("expected calls in flight, as `64`, or calls a second, as `2000rps`")
            }
            Some(load) => Ok(load),
        }
    }
}

impl Display for Load {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::InFlight(calls) => formatter.pad(&calls.to_string()),
            Self::PerSecond(calls) => formatter.pad(&format!("{calls}rps")),
        }
    }
}

impl Serialize for Load {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
