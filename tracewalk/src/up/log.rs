use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

/// How many lines are remembered for the report of a death.
const LINES: usize = 10;

/// A file starts anew at this size; the one before is kept beside it.
const MAX_BYTES: u64 = 16 << 20;

/// What a child writes: all of it in a file, the last lines in memory. Clones share both.
#[derive(Clone, Debug)]
pub(super) struct Log {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// `None` after the first write that failed: a full disk must not stop a service.
    file: Option<File>,
    written: u64,
    last: VecDeque<String>,
}

impl Log {
    /// Starts an empty file.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let (path, file) = (path.to_owned(), Some(File::create(path)?));
        let inner = Inner {
            path,
            file,
            written: 0,
            last: VecDeque::with_capacity(LINES),
        };
        Ok(Self {
            inner: Arc::new(Mutex::new(inner)),
        })
    }

    /// Keeps one line.
    ///
    /// # Errors
    /// The first time that the file cannot be written; from then on only memory is used.
    pub(super) fn keep(&self, line: String) -> io::Result<()> {
        let mut inner = self.lock();
        let written = inner.write(&line);
        if inner.last.len() == LINES {
            inner.last.pop_front();
        }
        inner.last.push_back(line);
        written
    }

    /// The file with all lines.
    pub(super) fn path(&self) -> PathBuf {
        self.lock().path.clone()
    }

    /// The last lines, oldest first.
    pub(super) fn last(&self) -> Vec<String> {
        self.lock().last.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .expect("nothing panics while it holds this lock")
    }
}

impl Inner {
    fn write(&mut self, line: &str) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let result = writeln!(file, "{line}").and_then(|()| {
            self.written += line.len() as u64 + 1;
            if self.written > MAX_BYTES {
                self.rotate()
            } else {
                Ok(())
            }
        });
        if result.is_err() {
            self.file = None;
        }
        result
    }

    fn rotate(&mut self) -> io::Result<()> {
        std::fs::rename(&self.path, self.path.with_extension("log.old"))?;
        self.file = Some(File::create(&self.path)?);
        self.written = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Log;

    #[test]
    fn the_file_has_every_line_and_memory_the_last_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("user.log");
        let log = Log::create(&path).unwrap();
        for number in 1..=12 {
            log.keep(format!("line {number}")).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 12);
        assert_eq!(log.last().first().unwrap(), "line 3");
        assert_eq!(log.last().last().unwrap(), "line 12");
    }

    #[test]
    fn a_full_file_starts_anew_and_the_one_before_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("user.log");
        let log = Log::create(&path).unwrap();
        let megabyte = "x".repeat(1 << 20);
        for _ in 0..17 {
            log.keep(megabyte.clone()).unwrap();
        }
        assert!(std::fs::metadata(&path).unwrap().len() < 2 << 20);
        assert!(folder.path().join("user.log.old").exists());
    }
}
