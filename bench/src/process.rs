//! What the kernel says of a process.

use std::{fs, io, time::Duration};

/// Time on a processor of all live threads of `pid`, from `/proc/PID/task/*/schedstat`.
///
/// # Errors
///
/// When the process is gone, or the kernel keeps no such statistics.
pub(crate) fn cpu(pid: u32) -> io::Result<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let running = text.split_whitespace().next();
        nanoseconds += number(running, &text)?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Resident memory of `pid` in KiB, from `/proc/PID/status`.
///
/// # Errors
///
/// When the process is gone.
pub(crate) fn resident_kib(pid: u32) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    number(line.and_then(|line| line.split_whitespace().next()), &text)
}

fn number(word: Option<&str>, text: &str) -> io::Result<u64> {
    let number = word.and_then(|word| word.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("expected a number in {text:?}")))
}
