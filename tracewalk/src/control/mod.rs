//! The control socket of `tracewalk up`, by which a scenario changes the stack for as long as it is played.
//!
//! A line of JSON each way. When the caller hangs up, however it ends, the launcher undoes what it has
//! changed. The launcher is the parent of the processes, so a signal cannot meet another process. The
//! socket is a file in the folder of the data, for its owner alone, and named for the gateway's port.

mod action;
mod client;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

pub(crate) use action::{Action, Process, Signal};
pub(crate) use client::Control;

/// What the launcher is asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// A scenario of this name is played until the caller hangs up.
    Play(String),
    /// Runs the services so until the caller hangs up.
    SetUp(Setup),
    /// Does something to a process.
    Act(Action),
    /// Undoes what was done to processes.
    Restore,
}

/// How the services are to run. The default is as they run anyway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// Whether the gateway verifies tokens.
    pub(crate) tokens: bool,
    /// The most calls a second of one caller.
    pub(crate) rate_limit: Option<u32>,
    /// The keys of baggage that go through the gateway and the user service, as `KEY,KEY`.
    #[serde(default)]
    pub(crate) baggage: Option<String>,
    /// How many processes of the profile service there are at least.
    pub(crate) profiles: usize,
    /// How one of them is chosen.
    pub(crate) profile_policy: Option<String>,
}

/// What the launcher answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// The services run as asked.
    Running(Running),
    Done(Done),
    /// It was not done, and why.
    Refused(String),
}

/// What a caller has to know of the services.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    /// The admin addresses of all processes of the profile service.
    pub(crate) profile_admin: Vec<SocketAddr>,
    /// The folder of the keys for tokens; `None` if the gateway verifies none.
    pub(crate) keys: Option<PathBuf>,
}

/// How something went that was done to a process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Done {
    /// Whether it lost nothing that it must not lose.
    pub(crate) is_well: bool,
    /// What was seen of it; empty where there is nothing to say.
    pub(crate) seen: String,
}

impl Done {
    /// Nothing was lost.
    pub(crate) fn well(seen: &str) -> Self {
        Self {
            is_well: true,
            seen: seen.to_owned(),
        }
    }
}

/// The socket of the stack whose gateway has this port.
pub(crate) fn socket(data_dir: &Path, gateway_port: u16) -> PathBuf {
    data_dir.join(format!("up-{gateway_port}.sock"))
}
