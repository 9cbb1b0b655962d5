//! Each mechanism has a page that says all there is to say; its commands, and those of the walk through
//! them, do what the pages show.

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod contents;
mod page;
mod shell;
