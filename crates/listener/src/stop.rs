use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Completes at the first signal that asks this process to end.
///
/// The signal handlers are installed when this returns: a signal before the first poll of the
/// future is not lost, and no signal ends the process by itself any more.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// let stop = listener::stop_signal()?;
/// // … start what is to be drained …
/// stop.await;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The error of the operating system when it cannot install a handler.
///
/// # Panics
///
/// Outside of a tokio runtime with I/O enabled.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = StopSignals::new()?;
    Ok(async move { signals.next().await })
}

/// The signals that ask this process to end: SIGTERM of Kubernetes, Docker and systemd, SIGINT of
/// Ctrl-C, SIGHUP of a terminal that closes.
///
/// For a program that hurries when it is asked twice; else see [`stop_signal`].
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl StopSignals {
    /// Installs the handlers.
    ///
    /// # Errors
    ///
    /// The error of the operating system when it cannot install a handler.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O enabled.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::process::{self, Signal};
    use tokio::time::timeout;

    use super::*;

    /// One test, since a signal reaches all who wait in this process.
    #[tokio::test]
    async fn each_signal_that_ends_a_process_is_seen_even_before_somebody_waits() {
        let mut signals = StopSignals::new().expect("there are handlers");
        let stop = stop_signal().expect("there are handlers");
        for sent in [Signal::TERM, Signal::INT, Signal::HUP] {
            process::kill_process(process::getpid(), sent).expect("it is this process");
            let seen = timeout(Duration::from_secs(10), signals.next()).await;
            seen.unwrap_or_else(|_| panic!("{sent:?} is not seen"));
        }
        let stopped = timeout(Duration::from_secs(10), stop).await;
        stopped.expect("the first of them is kept");
    }
}
