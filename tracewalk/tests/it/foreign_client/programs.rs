//! Programs of Python and Node: their packages, and how they run.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, sync::OnceCell, time::timeout};

/// The packages are a hundred megabytes, which a slow network takes its time for.
const FETCH: Duration = Duration::from_mins(10);

/// With pipes, as a process of the tests has.
pub(super) fn piped(mut command: Command) -> Command {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A Python of our own, with the packages that the scripts import; made once.
pub(super) async fn python_with_packages() -> PathBuf {
    static PYTHON: OnceCell<PathBuf> = OnceCell::const_new();
    let making = async {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&folder);
        succeed(make).await;
        let python = folder.join("bin/python");
        let mut fetch = Command::new(&python);
        fetch
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(scripts().join("foreign-client.txt"));
        succeed(fetch).await;
        python
    };
    PYTHON.get_or_init(|| making).await.clone()
}

/// Runs a command to its end, and returns what it has printed.
pub(super) async fn succeed(mut command: Command) -> String {
    command.kill_on_drop(true);
    let output = timeout(FETCH, command.output()).await;
    let output = output.expect("it ends in time").expect("it can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

pub(super) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts")
}
