#![doc = include_str!("../README.md")]
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "what is wrong in a test is a panic, with what was expected"
)]

pub mod application;
mod closed_port;
pub mod collector;
#[cfg(feature = "external")]
mod external;
pub mod service;
pub mod trace;
mod wait;

pub use closed_port::ClosedPort;
#[cfg(feature = "external")]
pub use external::{browser, compose, etcd, kafka, program};
pub use wait::{DEADLINE, until};
