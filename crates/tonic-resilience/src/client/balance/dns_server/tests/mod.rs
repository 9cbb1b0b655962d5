mod answers;
mod channels;
mod consul;
mod lookups;

use std::time::Duration;

use self::consul::Consul;
use crate::client::balance::{Balance, Balanced};

const SRV: &str = "user.service.consul";

/// A channel that asks ten times a second.
fn connect(consul: &Consul, name: &str) -> Balanced {
    Balance::default()
        .refresh(Duration::from_millis(100))
        .connect(&consul.target(name))
}
