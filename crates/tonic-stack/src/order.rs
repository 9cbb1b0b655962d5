//! Tests that the tables of layers in the documentation have the order of the stacks.

use std::{any, collections::BTreeSet, time::Duration};

use tonic::service::Routes;
use tonic_resilience::{names, names::Names};
use tonic_telemetry::Options;

use crate::{client, server};

static NAMES: Names = names!("shop");

/// The first column of the table in the documentation of a source file.
fn table(source: &str) -> Vec<&str> {
    let rows = source
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("/// | `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0))
        .collect()
}

/// The layers in the name of a type, from the outside in.
fn layers(type_name: &str) -> Vec<&str> {
    let paths = type_name.split(|letter: char| !letter.is_alphanumeric() && !"_:".contains(letter));
    let ours = paths.filter(|path| {
        path.starts_with("tonic_telemetry::") || path.starts_with("tonic_resilience::")
    });
    ours.filter_map(|path| Some(path.rsplit_once("::")?.1))
        .collect()
}

#[test]
fn table_of_the_client_is_the_order_of_its_stack() {
    let stack = layers(any::type_name::<client::Channel>());
    assert_eq!(table(include_str!("client/mod.rs")), stack);
}

#[test]
fn table_of_the_server_is_the_order_of_its_stack() {
    let telemetry = Options::new("user")
        .log_format(tonic_telemetry::LogFormat::Off)
        .variables(|_| None)
        .start()
        .expect("nothing is set");
    let limits = server::Limits {
        max_deadline: Duration::from_secs(1),
        max_stream: Duration::from_secs(1),
        max_calls: 1,
        stream_share: 50,
        grace: Duration::from_secs(1),
    };
    let stack =
        server::Layers::new(&[], &NAMES, &limits, &telemetry).expect("no contract is damaged");
    let stack = stack.around(Routes::default());
    // The layers inside an optional layer come twice: with it and without it.
    let mut seen = BTreeSet::new();
    let mut stack = layers(any::type_name_of_val(&stack));
    stack.retain(|layer| seen.insert(*layer));
    assert_eq!(table(include_str!("server/mod.rs")), stack);
}
