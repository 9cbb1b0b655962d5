//! Work after the answer: events from one service to another, none lost, none handled twice in effect.
//!
//! ```text
//!  one service                                            another service
//!  ┌ one transaction ─┐   relay: a batch                  ┌ one transaction ──────┐
//!  │ users  │  outbox ├──────────────────► Sink ═══► inbox ├► done │ the effect    │
//!  └──────────────────┘   until it is taken          │    └───────────────────────┘
//!                                                    └─ after 5 attempts ─► dead_letters
//! ```
//!
//! - An event is written in the transaction of its cause ([`Outbox::record`]): both are kept, or none.
//! - The relay ([`Outbox::relay`]) takes a batch by a lease of 10 s, sends it, and deletes what was
//!   taken. A relay that dies leaves its batch to the next one, so an event may be sent twice.
//! - The inbox ([`Inbox::accept`]) keeps an id once. The consumer ([`Inbox::consume`]) marks the event
//!   as done in the transaction of its effect: what is sent twice has one effect.
//! - An event whose handling fails is tried again, 5 times in all; then it is a dead letter.
//!
//! Replicas share the work: with PostgreSQL they skip the rows that another one has locked, and with
//! SQLite there is one writer at a time. Without events each side asks its database once a second,
//! without a span; an event of this process wakes it at once.

mod backoff;
mod destination;
mod event;
mod failure;
mod inbox;
mod kafka;
mod metrics;
mod outbox;
mod work;

pub use destination::Destination;
pub use event::Event;
pub use failure::{Failure, OpenError};
pub use inbox::{Handler, Inbox};
pub use kafka::{KafkaSink, KafkaUrl, Transport, TransportError};
pub use outbox::{Outbox, Sink};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
