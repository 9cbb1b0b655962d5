//! The requests to both servers.

use std::time::{Duration, UNIX_EPOCH};

use humantime::format_rfc3339_nanos;

use super::spans::ID;
use crate::support::backend::escape;

/// Paths with their parameters. In the text `FIRST` and `SECOND` are ids of traces, `START` is the first
/// moment in microseconds, `END` a moment after all in milliseconds, and what stands after `tags=` or `tag=` is not escaped yet.
/// `EARLY`, `FIFTH` and `LATE` are before all, when the fifth call began and after all, as texts.
pub(crate) fn questions(start: u64) -> Vec<String> {
    let (micros, end) = (start / 1000, start / 1_000_000 + 60_000);
    let text = |nanos: u64| format_rfc3339_nanos(UNIX_EPOCH + Duration::from_nanos(nanos));
    let [early, fifth, late] = [start - 1, start + 5_000_000, start + 60_000_000_000].map(text);
    let filled = |line: &str| {
        let window = "query.start_time_min=EARLY&query.start_time_max=LATE";
        let line = line.replace("WINDOW", window);
        let line = line.replace("EARLY", &early.to_string());
        let line = line.replace("FIFTH", &fifth.to_string());
        let line = line.replace("LATE", &late.to_string());
        let line = line.replace("FIRST", &format!("{:x}", ID + 1));
        let line = line.replace("SECOND", &format!("{:x}", ID + 2));
        let line = line.replace("START+2", &(micros + 2000).to_string());
        let line = line.replace("START+4", &(micros + 4000).to_string());
        let line = line.replace("START", &micros.to_string());
        let line = line.replace("END-600", &(end - 600_000).to_string());
        escaped(&line.replace("END", &end.to_string()))
    };
    let fixed = include_str!("questions.txt").lines();
    let fixed = fixed.filter(|line| line.starts_with('/'));
    let traces = (1..=6).chain(0x20..=0x28).chain(0x40..=0x45).chain([0x30]);
    let traces = traces.map(|trace: u128| format!("/api/traces/{:x}", ID + trace));
    traces.chain(fixed.map(filled)).collect()
}

/// Escapes the values of `tags` and `tag`.
fn escaped(line: &str) -> String {
    let parts = line.split('&').map(|part| match part.split_once('=') {
        Some((begin, value)) if begin.ends_with("tags") || begin.ends_with("tag") => {
            format!("{begin}={}", escape(value))
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}
