//! A value that is read from files, and read again when they change.
//!
//! Certificates and keys are replaced while the process serves. When the files cannot be used,
//! because they are half written or wrong, the value before stays. The files are compared by
//! content, once an interval: so changes of links and mounts are seen too. New files are used when
//! they have stayed the same for a moment: a key and its certificate are two files, and nobody can
//! replace both at once.

mod read;

use std::{
    error::Error,
    fmt::Debug,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use self::read::{read, settled};
use crate::errors::with_causes;

/// The current value of some files. Clones share it; dropping the last one ends the reading.
#[derive(Debug)]
pub struct FileWatch<T> {
    value: watch::Receiver<Arc<T>>,
    /// Ends the reading when it is dropped; `None` where there are no files.
    task: Option<Arc<AbortOnDropHandle<()>>>,
}

/// Why the files do not make a value.
#[derive(Debug, thiserror::Error)]
pub enum FileWatchError<E: Error + 'static> {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// What the files hold is wrong.
    #[error("cannot use {path}")]
    Parse {
        /// The first of the files.
        path: PathBuf,
        /// What is wrong.
        #[source]
        error: E,
    },
}

impl<T: Debug + Send + Sync + 'static> FileWatch<T> {
    /// A value that stays as it is, of no file.
    #[must_use]
    pub fn fixed(value: T) -> Self {
        let (_, value) = watch::channel(Arc::new(value));
        Self { value, task: None }
    }

    /// Reads the files and makes the value, and does so again after each `interval`.
    ///
    /// `parse` gets the contents in the order of `paths`.
    ///
    /// # Errors
    ///
    /// [`FileWatchError`] when that fails this first time. Later failures are logged.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start<E>(
        paths: Vec<PathBuf>,
        interval: Duration,
        parse: impl Fn(&[Vec<u8>]) -> Result<T, E> + Send + 'static,
    ) -> Result<Self, FileWatchError<E>>
    where
        E: Error + Send + Sync + 'static,
    {
        let contents = read(&paths)?;
        let made = parse(&contents).map_err(|error| parse_error(&paths, error))?;
        let (sender, value) = watch::channel(Arc::new(made));
        let task = tokio::spawn(keep(paths, interval, contents, parse, sender));
        Ok(Self {
            value,
            task: Some(Arc::new(AbortOnDropHandle::new(task))),
        })
    }

    /// The current value.
    #[must_use]
    pub fn current(&self) -> Arc<T> {
        Arc::clone(&self.value.borrow())
    }
}

impl<T> Clone for FileWatch<T> {
    fn clone(&self) -> Self {
        Self {
            value: self.value.clone(),
            task: self.task.clone(),
        }
    }
}

async fn keep<T, E: Error + 'static>(
    paths: Vec<PathBuf>,
    interval: Duration,
    mut seen: Vec<Vec<u8>>,
    parse: impl Fn(&[Vec<u8>]) -> Result<T, E>,
    sender: watch::Sender<Arc<T>>,
) {
    let mut readable = true;
    loop {
        tokio::time::sleep(interval).await;
        let contents = match settled::<E>(&paths, &seen).await {
            Ok(contents) => contents,
            Err(error) => {
                // One warning is enough until the files can be read again.
                if std::mem::take(&mut readable) {
                    let error = with_causes(&error);
                    tracing::warn!(error, "files cannot be read, the old ones stay in use");
                }
                continue;
            }
        };
        readable = true;
        if contents == seen {
            continue;
        }
        match parse(&contents) {
            Ok(value) => {
                sender.send_replace(Arc::new(value));
                tracing::info!(path = %name(&paths), "files reloaded");
            }
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(path = %name(&paths), error, "new files refused, the old ones stay in use");
            }
        }
        // Also after wrong contents: one warning for them is enough.
        seen = contents;
    }
}

fn parse_error<E: Error + 'static>(paths: &[PathBuf], error: E) -> FileWatchError<E> {
    FileWatchError::Parse {
        path: paths.first().cloned().unwrap_or_default(),
        error,
    }
}

fn name(paths: &[PathBuf]) -> std::path::Display<'_> {
    paths
        .first()
        .map_or(Path::new(""), PathBuf::as_path)
        .display()
}
