//! Whether callers may ask a service for faults.

use tonic_resilience::{names::Names, server::layers::inject_fault::InjectFaultLayer};

/// Faults for demonstrations; see [`tonic_resilience::server::layers::inject_fault`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Faults {
    /// Does to calls what the faults in their W3C baggage ask for, as `profile:delay=800ms`, and
    /// passes them on: for demonstrations, as whoever may call may break.
    #[cfg_attr(feature = "clap", arg(
        long = "faults",
        value_parser = clap::builder::FalseyValueParser::new()
    ))]
    pub allowed: bool,
}

impl Faults {
    /// The layer for the service of this name, as in logs and traces.
    #[must_use]
    pub fn layer(self, service: &'static str) -> Option<InjectFaultLayer> {
        self.allowed.then(|| InjectFaultLayer::new(service))
    }

    /// The baggage key of the faults.
    #[must_use]
    pub fn baggage(self, names: &'static Names) -> Option<&'static str> {
        self.allowed.then_some(names.fault)
    }
}
