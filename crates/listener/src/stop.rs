use std::{error::Error, io, pin::Pin, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

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

/// Runs a server that stops when it is told to, and gives up `grace` after the signal to stop; whether
/// all calls had ended.
///
/// The servers of tonic and axum wait without bound for what is open. One stream that does not end,
/// such as the health `Watch` of a client, would keep the process alive until it is killed.
///
/// ```no_run
/// # use std::{error::Error, time::Duration};
/// # async fn example(
/// #     app: axum::Router, sockets: tokio::net::TcpListener,
/// # ) -> Result<(), Box<dyn Error + Send + Sync>> {
/// let ended = listener::serve_with_grace(Duration::from_secs(10), |stop| {
///     axum::serve(sockets, app).with_graceful_shutdown(stop).into_future()
/// });
/// if !ended.await? {
///     tracing::warn!("calls were cut: they took more than the grace");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The error of the server, or of the operating system when it cannot install a handler.
///
/// # Panics
///
/// Outside of a tokio runtime with I/O and time enabled.
pub async fn serve_with_grace<F, E>(
    grace: Duration,
    serve: impl FnOnce(Stop) -> F,
) -> Result<bool, Box<dyn Error + Send + Sync>>
where
    F: Future<Output = Result<(), E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let late = stop_signal()?;
    let late = async {
        late.await;
        sleep(grace).await;
    };
    tokio::select! {
        ended = serve(Box::pin(stop_signal()?)) => ended.map(|()| true).map_err(Into::into),
        () = late => Ok(false),
    }
}

/// Completes at the first signal that asks this process to end.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

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
    use std::future::pending;

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
        a_server_that_does_not_end_is_given_up().await;
    }

    async fn a_server_that_does_not_end_is_given_up() {
        let send = || process::kill_process(process::getpid(), Signal::TERM);
        for endless in [false, true] {
            let ended = serve_with_grace(Duration::from_millis(50), async |stop| {
                send().expect("it is this process");
                stop.await;
                if endless {
                    pending::<()>().await;
                }
                Ok::<_, io::Error>(())
            });
            let ended = timeout(Duration::from_secs(10), ended).await;
            let ended = ended.expect("it gives up").expect("no error");
            assert_eq!(ended, !endless);
        }
    }
}
