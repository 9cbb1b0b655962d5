//! What the tests share: a backend on ports of its own, spans to send to it, and a browser.

#![allow(
    dead_code,
    reason = "each test file is a crate that uses a part of this one"
)]

pub(crate) mod backend;
#[cfg(feature = "external")]
pub(crate) mod browser;
#[cfg(feature = "external")]
pub(crate) mod devtools;
pub(crate) mod spans;
