//! The gateway in this process, between real sockets and a user service that the test rules.

mod grpc;
mod http;
mod limits;
mod support;
