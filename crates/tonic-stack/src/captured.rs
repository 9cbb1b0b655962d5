//! Which metadata of requests the SERVER spans of a service have.

use http::HeaderName;

use crate::server::Layers;

/// Keys of request metadata that are written to SERVER spans, as
/// [`Layers::capture_metadata`] does; none by default, as callers write what they like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Captured {
    /// Keys of request metadata to write to the SERVER spans, as `rpc.request.metadata.KEY`; by
    /// default none.
    #[cfg_attr(
        feature = "clap",
        arg(
            long = "capture-metadata",
            value_name = "KEY,KEY",
            value_delimiter = ','
        )
    )]
    pub keys: Vec<HeaderName>,
}

impl Captured {
    /// The layers with these keys.
    pub(crate) fn add_to(&self, layers: Layers) -> Layers {
        let keys = self.keys.iter().cloned();
        keys.fold(layers, Layers::capture_metadata)
    }
}
