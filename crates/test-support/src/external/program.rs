//! Programs of other projects: `scripts/real-backends.sh` builds them.

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

/// A program that runs until it is dropped.
#[derive(Debug)]
pub struct Program(Child);

impl Program {
    /// Starts a program of this name. What it says is not shown, but for errors.
    pub fn start(name: &str, arguments: &[String]) -> Self {
        Self::start_at(&path(name), arguments)
    }

    /// Starts the program at this path.
    pub fn start_at(path: &Path, arguments: &[String]) -> Self {
        let mut command = Command::new(path);
        // Jaeger would trace its own query API.
        command.env("OTEL_TRACES_SAMPLER", "always_off");
        let command = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Self(command.spawn().expect("a program that is there starts"))
    }

    /// Stops it, as a hang does, or lets it go on.
    pub fn hang(&self, hangs: bool) {
        let signal = if hangs { Signal::STOP } else { Signal::CONT };
        let sent = kill_process(Pid::from_child(&self.0), signal);
        sent.expect("it is a child");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Addresses on this machine that nobody listens on.
pub fn free_addresses<const N: usize>() -> [String; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|it| {
        it.local_addr()
            .expect("a bound listener has an address")
            .to_string()
    })
}

/// Where a program is that `scripts/real-backends.sh` has built.
pub fn path(name: &str) -> PathBuf {
    let folder = env::var_os("TRACEWALK_REAL_BACKENDS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| {
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache");
        cache.unwrap_or_else(home).join("tracewalk/real-backends")
    });
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is not there: run scripts/real-backends.sh",
        path.display()
    );
    path
}
