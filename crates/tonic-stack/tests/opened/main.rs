//! What a program changes in the stacks: layers of its own, other channels, other settings.

mod client;
mod server;

use tonic_resilience::{names, names::Names};
use tonic_telemetry::{LogFormat, Options, Telemetry};

static NAMES: Names = names!("shop");

fn telemetry() -> Telemetry {
    let options = Options::new("shop").log_format(LogFormat::Off);
    options.start().expect("telemetry starts")
}
