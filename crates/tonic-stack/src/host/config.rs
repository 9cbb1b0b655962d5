use std::fmt::Debug;

use tonic_resilience::names::Names;

use crate::{captured::Captured, faults::Faults, server::Limits, tls::Certificates};

/// The contract of a service, as the code generation wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
    /// The short name in certificates and faults, as `user`.
    pub name: &'static str,
    /// The full name, as `shop.v1.UserService`.
    pub service: &'static str,
    /// Its encoded descriptor set: the methods that are measured and checked.
    pub descriptor_set: &'static [u8],
    /// An encoded descriptor set with all that it imports, for reflection.
    pub imports: &'static [u8],
    /// The names of its span attributes, and its error domain.
    pub names: &'static Names,
}

/// What a service is told of how it is hosted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct HostConfig {
    /// Who it is to the services around it.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub certificates: Certificates,
    /// What the server allows.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub limits: Limits,
    /// What callers may ask for.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub faults: Faults,
    /// What of their metadata is on its spans.
    #[cfg_attr(feature = "clap", command(flatten))]
    pub captured: Captured,
}
