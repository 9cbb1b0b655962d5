//! Programs that nobody here wrote.

pub mod browser;
pub mod compose;
mod devtools;
pub mod program;
