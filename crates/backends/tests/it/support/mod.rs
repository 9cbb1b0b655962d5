//! What the tests share: a backend on ports of its own, and spans to send to it.

#![cfg_attr(
    not(feature = "external"),
    allow(dead_code, reason = "the tests with a browser use the rest")
)]

pub(crate) mod answer;
pub(crate) mod backend;
pub(crate) mod spans;
