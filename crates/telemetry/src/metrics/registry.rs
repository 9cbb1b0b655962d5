use prometheus::{Encoder as _, TEXT_FORMAT, TextEncoder};

/// The metrics of one service.
///
/// A clone is the same registry.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    prometheus: prometheus::Registry,
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where other parts of the service register metrics of their own.
    #[must_use]
    pub fn prometheus(&self) -> &prometheus::Registry {
        &self.prometheus
    }

    /// The page for a scrape that sends this `Accept` header, and its content type.
    #[must_use]
    pub fn encode(&self, _accept: Option<&str>) -> (&'static str, Vec<u8>) {
        let mut page = Vec::new();
        TextEncoder::new()
            .encode(&self.prometheus.gather(), &mut page)
            .expect("writing to memory never fails");
        (TEXT_FORMAT, page)
    }
}
