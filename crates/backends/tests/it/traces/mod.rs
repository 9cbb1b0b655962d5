//! Both servers over real sockets, in the process of the tests.

mod api;
mod bounds;
mod conversion;
mod hostile;
pub(crate) mod logs;
mod metrics;
mod otlp_http;
mod pages;
mod receiver;
mod search;
mod shared_ids;
mod transform;
mod v3;
