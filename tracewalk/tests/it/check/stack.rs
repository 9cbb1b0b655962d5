use std::{
    process::{Output, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// Far more than anything takes, as machines may be busy.
const DEADLINE: Duration = Duration::from_mins(2);

/// A stack is four processes: more than two at a time only slow each other down.
static PLACES: Semaphore = Semaphore::const_new(2);

/// `tracewalk up` on free ports; killed when dropped.
#[derive(Debug)]
pub(crate) struct Stack {
    _launcher: Child,
    _data: TempDir,
    addresses: Value,
    _place: SemaphorePermit<'static>,
}

/// What `tracewalk check --json` found.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
}

impl Stack {
    /// With so many calls a second.
    pub(crate) async fn start(load: &str) -> Self {
        let place = PLACES.acquire().await.expect("nobody closes it");
        let data = tempfile::tempdir().expect("a temporary folder");
        let mut command = tracewalk(&["up", "--json", "--load", load, "--data-dir"]);
        command.arg(data.path());
        for door in [
            "gateway",
            "http",
            "user",
            "profile",
            "otlp",
            "ui",
            "prometheus",
            "dashboards",
        ] {
            command.args([format!("--{door}-listen"), "127.0.0.1:0".to_owned()]);
        }
        for service in ["gateway", "user", "profile"] {
            command.args([
                format!("--{service}-admin-listen"),
                "127.0.0.1:0".to_owned(),
            ]);
        }
        let mut launcher = command.spawn().expect("the binary can be started");
        let addresses = first(&mut launcher, |line| line["ui"].is_string()).await;
        Self {
            _launcher: launcher,
            _data: data,
            addresses,
            _place: place,
        }
    }

    /// One of the addresses that `up --json` prints.
    pub(crate) fn address(&self, name: &str) -> &str {
        self.addresses[name].as_str().expect("`up` names it")
    }

    /// Runs the command against this stack; a word that says where a part is wins.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = tracewalk(&["check"]);
        command.args(words);
        for name in [
            "gateway",
            "ui",
            "prometheus",
            "gateway_admin",
            "user_admin",
            "profile_admin",
        ] {
            let variable = format!("TRACEWALK_{}", name.to_uppercase());
            command.env(variable, self.address(name));
        }
        command.env("TRACEWALK_DASHBOARDS_PAGE", self.address("dashboards"));
        command
    }

    /// Runs it to its end, with `--json`.
    pub(crate) async fn check(&self, words: &[&str]) -> Checked {
        let mut command = self.command(words);
        let output = finish(command.arg("--json")).await;
        Checked {
            code: output.status.code(),
            report: serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|_| panic!("no JSON: {output:?}")),
        }
    }
}

impl Checked {
    /// How a hop was found.
    pub(crate) fn state(&self, hop: &str) -> &str {
        let hops = self.report["hops"].as_array().expect("a list");
        let found = hops.iter().find(|it| it["hop"] == hop);
        found.expect("a hop of that name")["state"]
            .as_str()
            .expect("a word")
    }

    /// The hop and the part that are named; both empty when all holds.
    pub(crate) fn named(&self) -> (&str, &str) {
        let word = |key: &str| self.report[key].as_str().unwrap_or_default();
        (word("first_broken"), word("part"))
    }

    /// Exactly this part is named, and nothing else is called broken.
    pub(crate) fn expect_broken(&self, hop: &str, part: &str) {
        assert_eq!(
            (self.named(), self.code),
            ((hop, part), Some(1)),
            "{:#}",
            self.report
        );
        let hops = self.report["hops"].as_array().expect("a list");
        let broken = hops.iter().filter(|hop| hop["state"] == "broken").count();
        assert_eq!(broken, 1, "{:#}", self.report);
    }
}

/// A gateway of its own; killed when dropped.
#[derive(Debug)]
pub(crate) struct Gateway {
    _process: Child,
    pub(crate) grpc: String,
    pub(crate) admin: String,
}

impl Gateway {
    /// Starts one that looks for the user service at `user`.
    pub(crate) async fn start(user: &str) -> Self {
        let mut command = tracewalk(&["gateway", "--log-format", "json"]);
        command.args(["--user", &format!("static:///{user}")]);
        for door in ["--listen", "--http-listen", "--admin-listen"] {
            command.args([door, "127.0.0.1:0"]);
        }
        let mut process = command.spawn().expect("the binary can be started");
        let ready = first(&mut process, |event| event["message"] == "ready").await;
        let address = |name: &str| ready[name].as_str().expect("`ready` has it").to_owned();
        Self {
            grpc: address("grpc"),
            admin: address("admin"),
            _process: process,
        }
    }
}

/// The first line of JSON on its standard output that is wanted; the output is closed then.
async fn first(process: &mut Child, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let output = process.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(output).lines();
    let find = async {
        loop {
            let line = lines.next_line().await.expect("UTF-8");
            let line = line.expect("it says where it is");
            if let Ok(value) = serde_json::from_str(&line)
                && is_wanted(&value)
            {
                return value;
            }
        }
    };
    timeout(DEADLINE, find).await.expect("it starts in time")
}

/// `tracewalk` with these words, without the variables of whoever runs the tests.
pub(crate) fn tracewalk(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracewalk"));
    command.args(words).env_clear().kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub(crate) async fn finish(command: &mut Command) -> Output {
    let output = timeout(DEADLINE, command.output()).await;
    output.expect("it ends in time").expect("it can be started")
}
