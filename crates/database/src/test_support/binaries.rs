//! Where the programs of PostgreSQL are, as whom they run, and how one is run.

use std::{
    fs::{self, File},
    io::{Read as _, Seek as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::error::ServerError;

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
        run(command.arg(ACCOUNT).arg(folder))
    }
}

/// Whether this process runs as root: its own entry in `/proc` belongs to it.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// Runs a program to its end.
pub(super) fn run(command: &mut Command) -> Result<(), ServerError> {
    let program = command.get_program().to_string_lossy().into_owned();
    // Files, not pipes: a server that goes on would hold a pipe open for ever.
    let output = tempfile::tempfile().and_then(|file| {
        command
            .stdout(file.try_clone()?)
            .stderr(file.try_clone()?)
            .status()
            .map(|status| (status, file))
    });
    let (status, file) = output.map_err(|source| ServerError::Io {
        program: program.clone(),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(ServerError::Failed {
        program,
        output: read_back(file),
    })
}

fn read_back(mut file: File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    read.map_or_else(|error| error.to_string(), |_| text.trim().to_owned())
}
