//! CPU time of a process, as the kernel's scheduler counts it.

use std::{fs, io, time::Duration};

/// Time on a processor of all live threads of `pid`, from `/proc/PID/task/*/schedstat`.
///
/// # Errors
///
/// When the process is gone, or the kernel keeps no such statistics.
pub(crate) fn time(pid: u32) -> io::Result<Duration> {
    let mut nanoseconds = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let running = text
            .split_whitespace()
            .next()
            .and_then(|field| field.parse::<u64>().ok())
            .ok_or_else(|| io::Error::other(format!("no time in schedstat {text:?}")))?;
        nanoseconds += running;
    }
    Ok(Duration::from_nanos(nanoseconds))
}
