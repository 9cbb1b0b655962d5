use serde_json::Value;
use tokio::{
    process::Command,
    sync::{Semaphore, SemaphorePermit},
};

use crate::support::{ClosedPort, Process, Up, command, finish};

/// A stack is four processes: more than two at a time only slow each other down.
static PLACES: Semaphore = Semaphore::const_new(2);

/// `tracewalk up` on free ports; killed when dropped.
#[derive(Debug)]
pub(crate) struct Stack {
    _up: Up,
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
        let up = Up::start(&["--json", "--load", load]);
        Self {
            addresses: up.addresses().await,
            _up: up,
            _place: place,
        }
    }

    /// One of the addresses that `up --json` prints.
    pub(crate) fn address(&self, name: &str) -> &str {
        self.addresses[name].as_str().expect("`up` names it")
    }

    /// Runs the command against this stack; a word that says where a part is wins.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = command(&[&["check"], words].concat());
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
        let output = finish(self.command(&[words, &["--json"]].concat())).await;
        Checked {
            code: output.status.code(),
            report: serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|_| panic!("no JSON: {output:?}")),
        }
    }
}

impl Checked {
    /// How a step was found.
    pub(crate) fn state(&self, step: &str) -> &str {
        let steps = self.report["steps"].as_array().expect("a list");
        let found = steps.iter().find(|it| it["step"] == step);
        found.expect("a step of that name")["state"]
            .as_str()
            .expect("a word")
    }

    /// The step and the part that are named; both empty when all holds.
    pub(crate) fn named(&self) -> (&str, &str) {
        let word = |key: &str| self.report[key].as_str().unwrap_or_default();
        (word("first_broken"), word("part"))
    }

    /// Exactly this part is named, and nothing else is called broken.
    pub(crate) fn expect_broken(&self, step: &str, part: &str) {
        assert_eq!(
            (self.named(), self.code),
            ((step, part), Some(1)),
            "{:#}",
            self.report
        );
        let steps = self.report["steps"].as_array().expect("a list");
        let broken = steps
            .iter()
            .filter(|step| step["state"] == "broken")
            .count();
        assert_eq!(broken, 1, "{:#}", self.report);
    }
}

/// A gateway of its own; killed when dropped.
#[derive(Debug)]
pub(crate) struct Gateway {
    _process: Process,
    pub(crate) grpc: String,
    pub(crate) admin: String,
}

impl Gateway {
    /// Starts one that looks for the user service at `user`.
    pub(crate) async fn start(user: &str) -> Self {
        let collector = ClosedPort::new();
        let endpoint = format!("http://{}", collector.address);
        let words = ["--user", &format!("static:///{user}")];
        let process = Process::service("gateway", &endpoint, &words, &[]);
        Self {
            grpc: process.address("grpc").await.to_string(),
            admin: process.address("admin").await.to_string(),
            _process: process,
        }
    }
}
