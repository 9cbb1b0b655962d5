/// Most connections of a listener: `most`, and no more than `1/parts` of the files that this
/// process may open (`ulimit -n`), so that no port can take the descriptors of another.
///
/// ```
/// assert!(listener::connections_within(256, 4) <= 256);
/// ```
#[must_use]
pub fn connections_within(most: usize, parts: usize) -> usize {
    open_files().map_or(most, |files| most.min(files / parts.max(1)).max(1))
}

/// How many files this process may open; `None` for no limit.
#[cfg(unix)]
fn open_files() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    usize::try_from(limit.current?).ok()
}

/// How many files this process may open; `None` for no limit.
#[cfg(not(unix))]
fn open_files() -> Option<usize> {
    None
}
