//! Accepts HTTP connections within bounds, and drains them: the accept loop of every server here.
//!
//! ```text
//! listener ─► accept loop ─► connection task ─► handshake ─► HTTP/1 or HTTP/2 ─► your service
//!             max_connections                   timeout      header, body, write, idle
//! shutdown: listener closed ─► keep-alive off, GOAWAY ─► calls finish ─► grace over: cut
//! ```
//!
//! | a client that | is |
//! |---|---|
//! | connects and sends nothing, or half a preface | closed after [`Settings::handshake_timeout`] |
//! | does not finish its HTTP/1 headers, or sends no next request | closed after [`Settings::header_timeout`] |
//! | does not finish its body | answered with an error after [`Settings::body_timeout`] |
//! | does not read its answer | closed, or its HTTP/2 stream reset, after [`Settings::write_timeout`] |
//! | does not answer pings | closed after [`Settings::keepalive_timeout`] |
//! | makes no call | closed after [`Settings::idle_timeout`] |
//! | is one too many | served in place of the connection that is idle longest, or else closed |
//!
//! It does not depend on gRPC, TLS or a web framework: the caller of [`serve`] turns a TCP
//! connection into the stream to read requests from and the service that answers them.
//!
//! ```
//! # use std::convert::Infallible;
//! # async fn run(listener: tokio::net::TcpListener) -> std::io::Result<()> {
//! use listener::{RequestBody, Settings, plain, serve};
//!
//! let hello = hyper::service::service_fn(async |_: http::Request<RequestBody>| {
//!     Ok::<_, Infallible>(http::Response::new("hello\n".to_owned()))
//! });
//! let stop = listener::stop_signal()?;
//! serve(listener, Settings::default(), plain(hello), stop).await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod activity;
mod calls;
mod connection;
mod connections;
mod descriptors;
mod handler;
mod host;
mod io;
mod plain;
mod request_body;
mod settings;
mod start_queue;
mod stop;
mod write_timeout;

pub use self::{
    accept::{Addresses, serve},
    connections::Drained,
    descriptors::connections_within,
    handler::Handler,
    host::{has_one_host, requiring_host},
    plain::plain,
    request_body::{BodyTimeout, RequestBody},
    settings::{Protocol, STREAM_WINDOW, Settings},
    stop::{Stop, StopSignals, serve_with_grace, stop_signal},
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
