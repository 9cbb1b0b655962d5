//! A real etcd with one member.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use super::program::{Program, free_addresses, path};
use crate::until;

/// Which etcd is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// The one that `scripts/real-backends.sh` builds.
    Newest,
    /// Debian's, of the package `etcd-server`: 3.4 in Debian 12.
    Debian,
}

/// An etcd that runs until it is dropped.
#[derive(Debug)]
pub struct Etcd {
    release: Release,
    /// `HOST:PORT` for clients.
    pub address: String,
    certificates: Option<PathBuf>,
    user: Option<String>,
    folder: TempDir,
    running: Option<Program>,
}

impl Etcd {
    /// Starts an etcd without data, and waits until it answers.
    pub async fn start(release: Release) -> Self {
        let mut etcd = Self::stopped(release);
        etcd.restart().await;
        etcd
    }

    /// An etcd that [`restart`](Self::restart) starts.
    pub fn stopped(release: Release) -> Self {
        let [address] = free_addresses();
        Self {
            release,
            address,
            certificates: None,
            user: None,
            folder: TempDir::new().expect("a folder"),
            running: None,
        }
    }

    /// Starts an etcd for clients with certificates alone. The folder has `ca.pem`, and `localhost.pem`
    /// and `localhost.key`, which etcd and its clients show.
    pub async fn with_certificates(release: Release, folder: &Path) -> Self {
        let mut etcd = Self::stopped(release);
        etcd.address = etcd.address.replace("127.0.0.1", "localhost");
        etcd.certificates = Some(folder.to_owned());
        etcd.restart().await;
        etcd
    }

    /// From now on only this user may do anything: `root` and a password, as `root:secret`.
    pub async fn with_user(mut self, user: &str) -> Self {
        let (name, password) = user.split_once(':').expect("a name and a password");
        let password = format!("--new-user-password={password}");
        self.ctl(&["user", "add", name, &password]).await;
        self.ctl(&["user", "grant-role", name, "root"]).await;
        self.ctl(&["auth", "enable"]).await;
        self.user = Some(user.to_owned());
        self
    }

    /// Kills it, as a crash does; its data stay.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Lets it hang, with its connections open, or go on.
    pub fn hang(&self, hangs: bool) {
        self.running.as_ref().expect("it runs").hang(hangs);
    }

    /// Forgets all its data, while it is stopped.
    pub fn forget(&mut self) {
        assert!(self.running.is_none(), "it runs");
        self.folder = TempDir::new().expect("a folder");
    }

    /// Starts it, at the same address and with the data that it had, and waits until it answers.
    pub async fn restart(&mut self) {
        let program = match self.release {
            Release::Newest => path("etcd"),
            Release::Debian => "/usr/bin/etcd".into(),
        };
        let found = program.exists();
        assert!(
            found,
            "{} is not there: install etcd-server",
            program.display()
        );
        self.running = Some(Program::start_at(&program, &self.flags()));
        until("etcd answers", async || {
            let answer = self.ask(&["get", "health"]).await;
            answer.status.success().then_some(())
        })
        .await;
    }

    fn flags(&self) -> Vec<String> {
        let scheme = self.certificates.as_ref().map_or("http", |_| "https");
        let listen = self.address.replace("localhost", "127.0.0.1");
        let mut flags = vec![
            format!("--data-dir={}", self.folder.path().join("data").display()),
            format!("--listen-client-urls={scheme}://{listen}"),
            format!("--advertise-client-urls={scheme}://{}", self.address),
            "--listen-peer-urls=http://127.0.0.1:0".to_owned(),
            // A lease may be as short as a second.
            "--heartbeat-interval=20".to_owned(),
            "--election-timeout=200".to_owned(),
            "--log-level=fatal".to_owned(),
            "--logger=zap".to_owned(),
        ];
        if let Some(folder) = &self.certificates {
            for (flag, file) in [
                ("--trusted-ca-file", "ca.pem"),
                ("--cert-file", "localhost.pem"),
                ("--key-file", "localhost.key"),
            ] {
                flags.push(format!("{flag}={}", folder.join(file).display()));
            }
            flags.push("--client-cert-auth".to_owned());
        }
        flags
    }

    /// What `etcdctl` prints for these words, which must go well.
    pub async fn ctl(&self, words: &[&str]) -> String {
        let answer = self.ask(words).await;
        assert!(answer.status.success(), "etcdctl {words:?}: {answer:?}");
        String::from_utf8(answer.stdout).expect("UTF-8")
    }

    /// What the Go program `scripts/naming` prints for a command, a name and what else it takes.
    pub async fn naming(&self, command: &str, name: &str, more: &[&str]) -> String {
        let mut naming = Command::new(path("naming"));
        naming.args([command, &self.address, name]).args(more);
        let answer = output(naming).await;
        assert!(
            answer.status.success(),
            "naming {command} {name} {more:?}: {answer:?}"
        );
        String::from_utf8(answer.stdout).expect("UTF-8")
    }

    /// The keys that begin with `prefix`, and their values.
    pub async fn entries(&self, prefix: &str) -> Vec<(String, String)> {
        let lines = self.ctl(&["get", "--prefix", prefix]).await;
        let mut lines = lines.lines().map(str::to_owned);
        std::iter::from_fn(|| Some((lines.next()?, lines.next()?))).collect()
    }

    async fn ask(&self, words: &[&str]) -> Output {
        let mut etcdctl = Command::new(path("etcdctl"));
        etcdctl.args(["--endpoints", &self.address, "--command-timeout=10s"]);
        if let Some(folder) = &self.certificates {
            etcdctl.arg("--cacert").arg(folder.join("ca.pem"));
            etcdctl.arg("--cert").arg(folder.join("localhost.pem"));
            etcdctl.arg("--key").arg(folder.join("localhost.key"));
        }
        if let Some(user) = &self.user {
            etcdctl.args(["--user", user]);
        }
        etcdctl.args(words);
        output(etcdctl).await
    }
}

async fn output(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.expect("no panic").expect("the program starts")
}
