//! Calls that survive: late answers, callers who leave or come too often, servers that die, hang
//! or go, in real processes.

mod breaker;
mod calls;
mod cancel;
mod chain;
mod deadlines;
mod events;
mod fake;
#[cfg(feature = "external")]
mod kafka;
mod limits;
mod load;
#[cfg(feature = "external")]
mod registry;
mod replicas;
mod retries;
mod shares;
mod sigterm;
mod unread;

/// Prints what was measured: `cargo test -p tracewalk --test it -- survival:: --nocapture` shows it.
#[expect(
    clippy::print_stdout,
    reason = "the figures of a run are its other result"
)]
fn figure(what: &str, value: impl std::fmt::Debug) {
    println!("figure: {what}: {value:?}");
}
