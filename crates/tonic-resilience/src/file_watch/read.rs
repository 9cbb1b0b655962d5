use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::FileWatchError;

/// How long new files must stay the same to count as complete.
const SETTLED: Duration = Duration::from_millis(100);

/// Most bytes of a file: far more than keys and certificates have.
const MAX_BYTES: u64 = 1024 * 1024;

/// The contents of the files, once they stay the same.
pub(super) async fn settled<E: Error + 'static>(
    paths: &[PathBuf],
    seen: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>, FileWatchError<E>> {
    let mut contents = read(paths)?;
    while contents != seen {
        tokio::time::sleep(SETTLED).await;
        let before = std::mem::replace(&mut contents, read(paths)?);
        if contents == before {
            break;
        }
    }
    Ok(contents)
}

/// The files are small and local: reading them blocks no longer than a page fault.
pub(super) fn read<E: Error + 'static>(
    paths: &[PathBuf],
) -> Result<Vec<Vec<u8>>, FileWatchError<E>> {
    let read = |path: &PathBuf| {
        read_file(path).map_err(|error| FileWatchError::Read {
            path: path.clone(),
            error,
        })
    };
    paths.iter().map(read).collect()
}

/// Reads regular files only: a pipe would block for ever, and a device might never end.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    std::fs::read(path)
}
