//! What the tests of the chain share: real processes, real sockets, and a collector that listens.
#![allow(
    dead_code,
    unused_imports,
    reason = "each test file uses its own part of this"
)]
#![allow(unreachable_pub, reason = "a folder that could be a crate")]

mod calls;
mod closed_port;
mod collector;
mod demo;
mod http;
mod last_hop;
mod metrics;
mod process;
mod prometheus;
mod trace;
mod up;
mod wait;

pub use calls::{Caller, Seen, new_user};
pub(crate) use closed_port::ClosedPort;
pub use collector::Collector;
pub use demo::Demo;
pub use http::{Answer, get, request};
pub use last_hop::{LastHop, empty_profile};
pub use metrics::Metrics;
pub use process::{Process, command, finish, run};
pub use prometheus::Prometheus;
pub use trace::{Span, Trace};
pub use up::Up;
pub use wait::{DEADLINE, until};
