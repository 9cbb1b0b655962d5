//! Who calls: certificates between the services, tokens at the gateway, in real processes.

#[path = "../support/mod.rs"]
mod support;

mod certs;
mod token;
