use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::{Process, command};

/// `tracewalk up` on free ports with its data in a temporary folder; killed when dropped.
#[derive(Debug)]
pub(crate) struct Up {
    pub(crate) process: Process,
    pub(crate) data: TempDir,
}

impl Up {
    /// Starts it with these words more; flags win over the variables that are set here.
    pub(crate) fn start(words: &[&str]) -> Self {
        Self::start_with(words, &[])
    }

    /// With these variables in its environment too.
    pub(crate) fn start_with(words: &[&str], variables: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let mut command = Self::command(data.path());
        command.args(words).envs(variables.iter().copied());
        Self {
            process: Process::start("up", command),
            data,
        }
    }

    /// On free ports, with its data in this folder.
    pub(crate) fn command(data: &Path) -> Command {
        let mut command = command(&["up"]);
        let listeners = [
            "GATEWAY",
            "HTTP",
            "USER",
            "PROFILE",
            "OTLP",
            "OTLP_HTTP",
            "UI",
            "PROMETHEUS",
            "DASHBOARDS",
        ];
        let listeners = listeners.map(str::to_owned).into_iter();
        let admin = ["GATEWAY", "USER", "PROFILE"].map(|service| format!("{service}_ADMIN"));
        for listener in listeners.chain(admin) {
            command.env(format!("TRACEWALK_{listener}_LISTEN"), "127.0.0.1:0");
        }
        command.env("TRACEWALK_DATA_DIR", data);
        command
    }

    /// What `--json` prints when everything runs.
    pub(crate) async fn addresses(&self) -> Value {
        self.process.event("first_trace").await
    }

    /// The log of a service.
    pub(crate) fn log(&self, service: &str) -> String {
        let path = Path::new("logs").join(service).with_extension("log");
        std::fs::read_to_string(self.data.path().join(path)).expect("every service has a log")
    }
}
