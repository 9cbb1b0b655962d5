use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::page::Step;
use crate::support::{Up, command, finish_within};

/// Some scenarios make thousands of calls, and a busy machine takes minutes for them.
const MAX_WAIT: Duration = Duration::from_mins(5);

/// What stands on the pages, and the listener of the stack that is meant.
const LISTENERS: [(&str, &str); 3] = [
    ("127.0.0.1:50051", "gateway"),
    ("127.0.0.1:50052", "user"),
    ("127.0.0.1:50053", "profile"),
];

/// How a page finds the process of the profile service.
const PROFILE: &str = "$(pgrep -f 'tracewalk profile')";

/// A folder with a stack that a page has started, and a shell in it.
#[derive(Debug)]
pub(crate) struct Shell {
    folder: TempDir,
    addresses: Value,
    /// Of the last call whose command said it: the page calls it `ID`.
    trace_id: String,
    _up: Up,
}

impl Shell {
    /// Runs `tracewalk up` as it stands on a page, with variables before and flags behind.
    pub(crate) async fn start(line: &str) -> Self {
        let (variables, flags) = line.split_once("tracewalk up").expect("the stack");
        let variables = variables.split_whitespace();
        let mut variables: Vec<_> = variables
            .map(|pair| pair.split_once('=').expect("a variable"))
            .collect();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data").display().to_string();
        variables.push(("TRACEWALK_DATA_DIR", &data));
        let flags = flags.split_whitespace();
        // A folder is one in the folder of the shell.
        let flags = flags.map(|word| match word {
            "auth" | "certs" => folder.path().join(word).display().to_string(),
            word => word.to_owned(),
        });
        let flags: Vec<_> = ["--json".to_owned()].into_iter().chain(flags).collect();
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let up = Up::start_with(&flags, &variables);
        Self {
            addresses: up.addresses().await,
            trace_id: String::new(),
            folder,
            _up: up,
        }
    }

    /// Runs a command of the page; what is not as the page shows it.
    pub(crate) async fn run(&mut self, step: &Step) -> Result<(), String> {
        let command = self.command(&self.on_free_ports(&step.command));
        let output = finish_within(MAX_WAIT, command).await;
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        if let Some(id) = trace_id(&text) {
            id.clone_into(&mut self.trace_id);
        }
        is_as_shown(step, &output, &text)
    }

    /// The line with the addresses of this stack.
    fn on_free_ports(&self, line: &str) -> String {
        let mut line = line.replace(" ID", &format!(" {}", self.trace_id));
        // Other tests have such processes, too.
        line = line.replace(PROFILE, &self.addresses["pids"]["profile"].to_string());
        if line.contains(" health ") {
            // The machine of a test may be busy.
            line += " --timeout 20s";
        }
        for (shown, listener) in LISTENERS {
            if line.contains(shown) && line.contains("--tls") && !line.contains("--peer") {
                // On its usual port it needs not be said who it is.
                line = format!("{line} --peer {listener}");
            }
            line = line.replace(shown, self.address(listener));
        }
        line
    }

    fn address(&self, listener: &str) -> &str {
        self.addresses[listener].as_str().expect("an address")
    }

    /// A shell in the folder, with `tracewalk` in its path and the stack's own addresses as the
    /// defaults.
    fn command(&self, line: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_tracewalk"));
        let mut paths: Vec<PathBuf> = vec![binary.parent().expect("a folder").to_owned()];
        let inherited = std::env::var_os("PATH").expect("a path");
        paths.extend(std::env::split_paths(&inherited));
        let mut shell = Command::new("sh");
        for (name, value) in command(&[]).as_std().get_envs() {
            if value.is_none() {
                shell.env_remove(name);
            }
        }
        let ui = format!("http://{}", self.address("ui"));
        shell
            .args(["-c", line])
            .current_dir(self.folder.path())
            .env("PATH", std::env::join_paths(paths).expect("a path"))
            .env("TRACEWALK_GATEWAY", self.address("gateway"))
            .env("TRACEWALK_GATEWAY_ADMIN", self.address("gateway_admin"))
            .env("TRACEWALK_USER_ADMIN", self.address("user_admin"))
            .env("TRACEWALK_PROFILE_ADMIN", self.address("profile_admin"))
            .env("TRACEWALK_PROMETHEUS", self.address("prometheus"))
            .env("TRACEWALK_UI", &ui)
            .env("TRACEWALK_QUERY_URL", &ui)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        shell
    }
}

impl Drop for Shell {
    /// A process that was stopped would not notice that its launcher is gone.
    fn drop(&mut self) {
        let pid = self.addresses["pids"]["profile"].to_string();
        let kill = std::process::Command::new("kill")
            .args(["-s", "CONT", &pid])
            .output();
        kill.expect("kill can be started");
    }
}

/// The trace that a command has named, for people or in JSON.
fn trace_id(text: &str) -> Option<&str> {
    let is_id = |word: &&str| word.len() == 32 && word.bytes().all(|it| it.is_ascii_hexdigit());
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.into_iter().find(is_id)
}

fn is_as_shown(step: &Step, output: &Output, text: &str) -> Result<(), String> {
    let command = &step.command;
    let refused = step.shown.iter().any(|line| line.starts_with("error:"));
    if output.status.success() == refused {
        return Err(format!("{command} ends with {}:\n{text}", output.status));
    }
    for line in &step.shown {
        // Addresses are others in each test, and dots stand for what is left out.
        let line = LISTENERS
            .iter()
            .fold(line.clone(), |line, (shown, _)| line.replace(shown, "…"));
        if let Some(part) = line.split('…').find(|part| !text.contains(part.trim())) {
            return Err(format!("{command} does not say {part}:\n{text}"));
        }
    }
    Ok(())
}
