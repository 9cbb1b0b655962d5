//! Who calls: certificates between the services, tokens at the gateway, in real processes.

mod certs;
mod chain;
mod forged;
mod handshake;
mod keys;
mod mistakes;
mod peers;
mod rotation;
mod strangers;
mod token;
mod up;
mod writes;
