//! Whether callers may ask a service for faults.

use clap::{Args, builder::FalseyValueParser};
use tonic_resilience::{names::Names, server::layers::inject_fault::InjectFaultLayer};

/// Faults for demonstrations; see [`tonic_resilience::server::layers::inject_fault`].
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Does to calls what the faults in their W3C baggage ask for, as `profile:delay=800ms`, and
    /// passes them on: for demonstrations, as whoever may call may break.
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
    pub fn baggage(self, names: &'static Names) -> Option<&'static str> {
        self.allowed.then_some(names.fault)
    }
}
