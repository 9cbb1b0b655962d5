//! Whether callers may ask a service for faults.

use clap::{Args, builder::FalseyValueParser};
use tonic_resilience::server::layers::inject_fault::{InjectFaultLayer, KEY};

/// Faults for demonstrations; see [`tonic_resilience::server::layers::inject_fault`].
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Does to calls what their W3C baggage entry `tracewalk.fault` asks for, as
    /// `profile:delay=800ms`, and passes it on: for demonstrations, as whoever may call may break.
    #[arg(
        long = "faults",
        env = "TRACEWALK_FAULTS",
        value_parser = FalseyValueParser::new()
    )]
    pub allowed: bool,
}

impl Faults {
    /// The layer of a service, as the logs and traces name it.
    #[must_use]
    pub fn layer(self, service: &'static str) -> Option<InjectFaultLayer> {
        self.allowed.then(|| InjectFaultLayer::new(service))
    }

    /// The key of the baggage that they travel in.
    #[must_use]
    pub fn baggage(self) -> Option<&'static str> {
        self.allowed.then_some(KEY)
    }
}
