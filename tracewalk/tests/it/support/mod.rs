//! What the tests of the chain share: real processes, real sockets, and a collector that listens.

mod calls;
mod collector;
mod demo;
mod http;
mod last_hop;
mod ledger;
mod metrics;
mod process;
#[cfg(feature = "external")]
mod prometheus;
mod up;
mod wire;

pub(crate) use calls::{Caller, Seen, new_user};
pub(crate) use collector::Collector;
pub(crate) use demo::Demo;
pub(crate) use http::{Answer, get, request};
pub(crate) use last_hop::{LastHop, empty_profile};
pub(crate) use ledger::Ledger;
pub(crate) use metrics::{Metrics, RELAYED};
pub(crate) use process::{Process, command, finish, finish_within, run};
#[cfg(feature = "external")]
pub(crate) use prometheus::Prometheus;
pub(crate) use test_support::{
    ClosedPort, DEADLINE,
    trace::{Span, Trace},
    until,
};
pub(crate) use up::Up;
pub(crate) use wire::{End, Open, Wire};
