use std::{fs, io, io::Write as _, path::Path};

/// Who may read a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Readers {
    /// Its owner alone: a private key or a token.
    Owner,
    /// Everyone: what is public.
    Everyone,
}

/// Writes a new file, and renames it over the old one: nobody reads half of it.
///
/// This also sets the mode: writing to a file that exists would keep its mode.
pub(super) fn replace(folder: &Path, name: &str, text: &str, readers: Readers) -> io::Result<()> {
    let new = folder.join(format!(".{name}.new"));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    // `create_new` does not follow a link that somebody put there.
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
