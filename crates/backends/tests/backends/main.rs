//! Both servers over real sockets, in the test's process. One program for all of it: linking one
//! for each file would take longer than the tests.

mod api;
mod bounds;
mod conversion;
mod hostile;
mod logs;
mod metrics;
mod pages;
mod receiver;
mod search;
mod shared_ids;
#[path = "../support/mod.rs"]
mod support;
mod transform;
mod v3;
