//! Through a real Kafka, with its own programs beside our client.

mod context;
mod foreign;
mod outages;
#[path = "../support/mod.rs"]
mod support;
mod topic;

use database::Statement;

const fn select(table: &'static str, text: &'static str) -> Statement {
    Statement {
        operation: "SELECT",
        table,
        text,
    }
}
