//! Servers and their callers beside a real etcd, the newest one and Debian's.

mod lost;
mod registering;
mod security;
mod support;
mod watching;
