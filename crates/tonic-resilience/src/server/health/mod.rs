//! `grpc.health.v1`: reports whether this process takes calls.
//!
//! Load balancers `Watch` it, container healthchecks `Check` it. Two things differ from the
//! service that `tonic-health` brings: `Watch` of an unknown service answers `SERVICE_UNKNOWN` and
//! stays open, as the [specification][spec] asks, and a drain ends the watches, which would hold it
//! up otherwise.
//!
//! [spec]: https://github.com/grpc/grpc/blob/master/doc/health-checking.md

mod service;

#[cfg(test)]
mod tests;

pub use self::service::HealthService;

use tokio::sync::watch;
use tonic_health::pb::health_server::HealthServer;

/// The switch of the health service: clones share it.
///
/// A new one is not serving. The owner says when the process is ready, and why it is not.
///
/// ```
/// use tonic_resilience::server::health::Health;
///
/// let (health, service) = Health::new(&["tracewalk.user.v1.UserService"]);
/// let routes = tonic::service::Routes::new(service);
/// health.set_serving(true);
/// assert!(*health.ready().borrow());
/// ```
#[derive(Clone, Debug)]
pub struct Health {
    state: watch::Sender<State>,
    ready: watch::Sender<bool>,
}

/// The state that the process reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NotServing,
    Serving,
    /// Not serving, for good: no later state replaces it.
    Draining,
}

impl Health {
    /// Makes the switch and the gRPC service that reports its state.
    ///
    /// The service knows the empty name, which stands for the whole process, and `services`, the
    /// full names of the others. They share one state.
    #[must_use]
    pub fn new(services: &[&'static str]) -> (Self, HealthServer<HealthService>) {
        let health = Self {
            state: watch::Sender::new(State::NotServing),
            ready: watch::Sender::new(false),
        };
        let service = HealthService::new(services, health.state.subscribe());
        (health, HealthServer::new(service))
    }

    /// Reports that the process takes calls, or does not. During a drain it changes nothing.
    pub fn set_serving(&self, serving: bool) {
        self.change_to(if serving {
            State::Serving
        } else {
            State::NotServing
        });
    }

    /// Reports that the process takes no calls, and logs the reason if that is a change.
    pub fn set_not_serving(&self, reason: &str) {
        if self.change_to(State::NotServing) {
            tracing::warn!(reason, "not serving");
        }
    }

    /// Reports that the process takes calls if `is_there`, and else that it takes none, for `reason`.
    pub fn follow(&self, is_there: bool, reason: &str) {
        if is_there {
            self.set_serving(true);
        } else {
            self.set_not_serving(reason);
        }
    }

    /// Reports for good that the process takes no more calls, and ends the watches.
    pub fn drain(&self) {
        self.change_to(State::Draining);
    }

    /// Follows whether the process takes calls; for `/readyz` and for tests.
    #[must_use]
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.subscribe()
    }

    /// Changes the state; returns whether it was another one.
    fn change_to(&self, next: State) -> bool {
        self.state.send_if_modified(|state| {
            let changed = *state != State::Draining && *state != next;
            if changed {
                *state = next;
                // Inside the lock of `state`, so that the two never disagree for long.
                self.ready.send_replace(next == State::Serving);
            }
            changed
        })
    }
}
