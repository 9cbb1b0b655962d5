//! The chain in Go: grpc-go with the telemetry that its users take. Built by `go`, which must be there.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

/// The protos whose messages the Go code needs.
const PROTOS: [&str; 2] = [
    "tracewalk/user/v1/user.proto",
    "tracewalk/profile/v1/profile.proto",
];

/// The program of a hop, once it is [built](build).
pub(crate) fn program() -> PathBuf {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    bench.join("../target/peers/go")
}

/// Writes the Go code of the contract, and builds the program.
///
/// # Errors
///
/// When there is no `go`, or it fails.
pub(crate) fn build() -> anyhow::Result<()> {
    let code = ["run", "./stubs", "../../../proto", "."];
    go(&[&code[..], &PROTOS].concat())?;
    go(&["build", "-o", &program().to_string_lossy(), "."])
}

fn go(arguments: &[&str]) -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/go");
    let mut command = Command::new("go");
    let status = command.args(arguments).current_dir(folder).status();
    let status = status.context("cannot run go, which the variants in Go are built with")?;
    anyhow::ensure!(status.success(), "go {} ended with {status}", arguments[0]);
    Ok(())
}
