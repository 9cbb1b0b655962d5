//! Each mechanism has a page that says all there is to say, and whose commands do what it shows.

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod contents;
mod page;
mod shell;
