//! Each mechanism has a page that says all there is to say; its commands, and those of the walk through
//! them, do what the pages show.

mod commands;
mod contents;
mod page;
mod shell;
