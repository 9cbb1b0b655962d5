use std::{fs, io, io::Write as _, path::Path};

/// Who may read a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Readers {
    /// Its owner alone: a private key or a token.
    Owner,
    /// Everyone: what is public.
    Everyone,
}

/// Writes a file beside the old one, and puts it in its place at once: nobody reads half of it.
///
/// It is also the way to another mode: one that is there keeps the one it has when written to.
pub(super) fn replace(folder: &Path, name: &str, text: &str, readers: Readers) -> io::Result<()> {
    let new = folder.join(format!(".{name}.new"));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    // Not through a link that somebody put there.
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match readers {
            Readers::Owner => 0o600,
            Readers::Everyone => 0o644,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    options.open(&new)?.write_all(text.as_bytes())?;
    fs::rename(new, folder.join(name))
}

/// What is in a file; `None` when there is no such file.
pub(super) fn read(folder: &Path, name: &str) -> io::Result<Option<String>> {
    match fs::read_to_string(folder.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
