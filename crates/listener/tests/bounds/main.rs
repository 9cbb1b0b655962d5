//! Clients that attack, hang or vanish, over real sockets.

mod crowd;
mod drain;
mod http1;
mod http2;
mod server;
