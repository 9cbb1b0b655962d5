//! Where the programs of PostgreSQL are, and as whom they run.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::ServerError;

/// Where Debian keeps one folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The account that Debian's package makes.
const ACCOUNT: &str = "postgres";

/// The newest installed PostgreSQL.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    folder: PathBuf,
}

impl Binaries {
    /// Looks in `/usr/lib/postgresql/<version>/bin`.
    pub(super) fn find() -> Result<Self, ServerError> {
        let version =
            |folder: &PathBuf| -> Option<u32> { folder.file_name()?.to_str()?.parse().ok() };
        let folders = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
        folders
            .map(|entry| entry.path())
            .filter(|folder| folder.join("bin/initdb").exists())
            .max_by_key(version)
            .map(|folder| Self {
                folder: folder.join("bin"),
            })
            .ok_or(ServerError::NotInstalled { folder: VERSIONS })
    }

    /// A command that runs one of the programs in `folder`.
    ///
    /// The server refuses to run as root, so root lends it the account of the package.
    pub(super) fn command(&self, program: &str, folder: &Path) -> Command {
        let program = self.folder.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", ACCOUNT, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(folder);
        command
    }

    /// Lets the account of the server write into `folder`.
    pub(super) fn lend(folder: &Path) -> Result<(), ServerError> {
        if !is_root() {
            return Ok(());
        }
        let mut command = Command::new("chown");
        super::server::run(command.arg(ACCOUNT).arg(folder))
    }
}

/// Whether this process runs as root: its own entry in `/proc` belongs to it.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
