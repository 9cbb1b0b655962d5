//! Clients that mean harm, or went away, over real sockets.

mod crowd;
mod drain;
mod http1;
mod http2;
mod server;
