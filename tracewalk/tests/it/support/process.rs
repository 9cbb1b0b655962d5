use std::{
    net::SocketAddr,
    process::{Output, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, ChildStdin, Command},
    task::JoinSet,
    time::timeout,
};

use super::{DEADLINE, Metrics, get, until};

const ANY_PORT: &str = "127.0.0.1:0";

/// A running `tracewalk`, killed when dropped, and every line that it has written.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) name: String,
    child: Child,
    input: Option<ChildStdin>,
    lines: Arc<Mutex<Vec<String>>>,
    readers: JoinSet<()>,
}

/// `tracewalk` with these words, and without the variables of whoever runs the tests.
pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracewalk"));
    let foreign = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        ["TRACEWALK_", "OTEL_", "RUST_LOG"]
            .iter()
                .any(|prefix| name.starts_with(prefix))
            // The last trace of a test is none of another, nor of whoever runs them.
            || ["HOME", "XDG_STATE_HOME"].contains(&&*name)
    });
    for name in foreign {
        command.env_remove(name);
    }
    command
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// Runs `tracewalk` to its end.
pub(crate) async fn run(words: &[&str]) -> Output {
    finish(command(words)).await
}

/// Runs a command to its end.
pub(crate) async fn finish(command: Command) -> Output {
    finish_within(DEADLINE, command).await
}

/// Runs a command that may take longer than others to its end.
pub(crate) async fn finish_within(max_wait: Duration, mut command: Command) -> Output {
    let output = timeout(max_wait, command.stdin(Stdio::null()).output()).await;
    output
        .expect("the command ends in time")
        .expect("the command can be started")
}

impl Process {
    /// A service that exports to the collector at this endpoint, and ends when its input does. It
    /// listens on free ports; a flag in `words` wins over that.
    pub(crate) fn service(
        name: &str,
        endpoint: &str,
        words: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = command(&[name, "--stop-on-stdin-eof"]);
        command.args(words);
        command
            .env("TRACEWALK_LISTEN", ANY_PORT)
            .env("TRACEWALK_ADMIN_LISTEN", ANY_PORT)
            .env("TRACEWALK_HTTP_LISTEN", ANY_PORT)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .envs(variables.iter().copied());
        Self::start(name, command)
    }

    pub(crate) fn start(name: &str, mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary can be started");
        let lines = Arc::default();
        let mut readers = JoinSet::new();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        readers.spawn(collect(stdout.expect("a pipe"), Arc::clone(&lines)));
        readers.spawn(collect(stderr.expect("a pipe"), Arc::clone(&lines)));
        Self {
            name: name.to_owned(),
            input: child.stdin.take(),
            child,
            lines,
            readers,
        }
    }

    /// Everything that it has written to either output.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines
            .lock()
            .expect("nothing panics with this lock")
            .clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it has not been waited for")
    }

    /// The first line that is JSON and has this field.
    pub(crate) async fn event(&self, field: &str) -> Value {
        until(
            &format!(
                "an event with `{field}` from {}: {:#?}",
                self.name,
                self.lines()
            ),
            async || {
                let lines = self.lines();
                let mut events = lines
                    .iter()
                    .filter_map(|line| serde_json::from_str(line).ok());
                events.find(|event: &Value| !event[field].is_null())
            },
        )
        .await
    }

    /// The first line with this text.
    pub(crate) async fn line(&self, text: &str) -> String {
        let what = format!("a line with `{text}` from {}", self.name);
        until(&what, async || {
            self.lines().into_iter().find(|line| line.contains(text))
        })
        .await
    }

    /// An address out of the event `ready`.
    pub(crate) async fn address(&self, field: &str) -> SocketAddr {
        let event = self.event(field).await;
        let address = event[field].as_str().and_then(|text| text.parse().ok());
        address.expect("`ready` has addresses")
    }

    /// What its page of metrics says now.
    pub(crate) async fn metrics(&self) -> Metrics {
        let admin = self.address("admin").await;
        Metrics::parse(&get(&format!("http://{admin}/metrics")).await.body)
    }

    /// Sends a signal, by name: `TERM`.
    pub(crate) async fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        let status = Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .await;
        assert!(status.expect("kill can be started").success());
    }

    /// Closes its standard input: what a launcher does, or what its death does.
    pub(crate) fn close_input(&mut self) {
        drop(self.input.take());
    }

    /// Waits for its end and for its last line; the exit code, `None` after a signal.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let ended = async {
            let status = self.child.wait().await;
            while self.readers.join_next().await.is_some() {}
            status.expect("a child can be waited for").code()
        };
        let code = timeout(DEADLINE, ended).await;
        code.unwrap_or_else(|_| panic!("{} does not end", self.name))
    }
}

async fn collect(pipe: impl AsyncRead + Unpin, lines: Arc<Mutex<Vec<String>>>) {
    let mut reader = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        lines
            .lock()
            .expect("nothing panics with this lock")
            .push(line);
    }
}
