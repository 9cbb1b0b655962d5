//! `tracewalk check`: whichever part is unplugged, it is the part that is named.
//!
//! The services, the store and the command are real processes. Only what must fail in a certain
//! way, or cannot be had without Docker, is a server in the test.

mod parts;
mod site;
mod stack;

#[cfg(feature = "external")]
mod external;
mod later_steps;
mod missing;
mod native;
mod unplugged;
