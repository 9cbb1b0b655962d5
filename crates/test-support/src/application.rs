//! An application in a process of its own, which exports its spans to a collector of the test.

use std::{env, process::Stdio, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::Mutex,
    task::JoinHandle,
    time::timeout,
};

use crate::{DEADLINE, collector::Collector, trace::Trace, until};

/// A program that serves at the address of its first argument, and writes the address in a line with
/// `listening`; killed when dropped.
#[derive(Debug)]
pub struct Application {
    /// `127.0.0.1:PORT`.
    pub address: String,
    child: Child,
    collector: Collector,
    lines: Arc<Mutex<Vec<String>>>,
    reader: JoinHandle<()>,
}

impl Application {
    /// Starts it on a free port, and waits until it listens.
    pub async fn start(program: &str) -> Self {
        let collector = Collector::running();
        let mut command = command(program, &collector.endpoint());
        let mut child = command.spawn().expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let lines = Arc::<Mutex<Vec<_>>>::default();
        let written = Arc::clone(&lines);
        let reader = tokio::spawn(async move {
            while let Ok(Some(line)) = output.next_line().await {
                written.lock().await.push(line);
            }
        });
        let listening = until("the address where it listens", async || {
            let lines = lines.lock().await;
            lines
                .iter()
                .find(|line| line.contains("listening"))
                .cloned()
        })
        .await;
        let (_, port) = listening.split_once("127.0.0.1:").expect("its address");
        let port = port.split(|it: char| !it.is_ascii_digit()).next();
        Self {
            address: format!("127.0.0.1:{}", port.expect("a part")),
            child,
            collector,
            lines,
            reader,
        }
    }

    /// The spans that have arrived, as the traces that they make.
    pub fn arrived(&self) -> Trace {
        self.collector.arrived()
    }

    /// Sends SIGTERM.
    pub async fn terminate(&self) {
        let pid = self.child.id().expect("it is not waited for").to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
        assert!(sent.await.expect("there is `kill`").success());
    }

    /// Waits for its good end; all spans that have arrived, and the lines that it has written.
    pub async fn ended(mut self) -> (Trace, Vec<String>) {
        let ended = timeout(DEADLINE, self.child.wait()).await;
        let status = ended.expect("it ends in time").expect("it is a child");
        (&mut self.reader).await.expect("it reads to the end");
        let lines = std::mem::take(&mut *self.lines.lock().await);
        assert!(status.success(), "{status}: {lines:#?}");
        (self.arrived(), lines)
    }
}

/// The program, without the variables of whoever runs the tests.
fn command(program: &str, collector: &str) -> Command {
    let mut command = Command::new(program);
    let foreign = env::vars_os().map(|(name, _)| name);
    for name in foreign.filter(|name| name.to_string_lossy().starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command
        .arg("127.0.0.1:0")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}
