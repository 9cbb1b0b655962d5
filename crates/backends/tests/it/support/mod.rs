//! What the tests share: a backend on ports of its own, spans to send to it, and a browser.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod backend;
#[cfg(feature = "external")]
pub(crate) mod browser;
#[cfg(feature = "external")]
pub(crate) mod compose;
#[cfg(feature = "external")]
pub(crate) mod devtools;
#[cfg(feature = "external")]
pub(crate) mod real;
pub(crate) mod spans;
