//! Programs of other projects.

pub mod browser;
pub mod compose;
mod devtools;
pub mod etcd;
pub mod kafka;
pub mod program;
