//! Each part alone: `cargo bench -p bench --features micro`, or a part by its name, `… -- exposition`.
//!
//! Only what the crates offer to anyone is called.

#[path = "../../src/fixture/mod.rs"]
mod fixture;

mod exposition;
mod layers;
mod promql;
mod propagator;
mod store;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    parts,
    layers::server,
    layers::client,
    propagator::headers,
    exposition::pages,
    store::traces,
    promql::dashboard,
);
criterion_main!(parts);
