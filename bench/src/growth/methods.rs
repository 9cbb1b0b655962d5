//! All layers of a server and of a client around a trivial service, in this process.

use grpc_wire::Methods;
use prost::Message as _;
use prost_types::{
    FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
};
use tonic::service::Routes;
use tonic_resilience::stack::Stack;
use tonic_stack::{client::NextHop, server::Layers};
use tonic_telemetry::{LogFormat, Options};

use super::{
    Figure,
    clock::{cpu_us_each, in_turn},
    line,
};
use crate::{
    fixture::{Answer, call},
    hop::limits,
    plot::Axis,
};

const AMOUNTS: [u32; 4] = [1, 10, 100, 1000];

/// Calls of one measurement: half a second.
const CALLS: u32 = 50_000;

#[derive(Clone, Copy)]
enum Side {
    Server,
    Client,
}

/// CPU of a call in the layers of each side against the methods that they know; each method is called
/// as often as the others.
pub(super) async fn measure(rounds: u32) -> anyhow::Result<Figure> {
    let cases: Vec<_> = [Side::Server, Side::Client]
        .into_iter()
        .flat_map(|side| AMOUNTS.map(|methods| (side, methods)))
        .collect();
    let measured = in_turn(rounds, &cases, async |(side, methods)| {
        cost(*side, *methods).await
    });
    let measured = measured.await?;
    let (server, client) = measured.split_at(AMOUNTS.len());
    Ok(Figure {
        name: "methods",
        title: "CPU of a call in all layers, without a network".to_owned(),
        x: Axis::log("methods"),
        y: Axis::linear("µs"),
        lines: vec![
            line((0, "server"), &AMOUNTS, server.iter().copied()),
            line((1, "client"), &AMOUNTS, client.iter().copied()),
        ],
    })
}

async fn cost(side: Side, methods: u32) -> anyhow::Result<f64> {
    let set = descriptor_set(methods);
    let telemetry = Options::new("bench")
        .log_format(LogFormat::Off)
        .variables(|_| None)
        .start()?;
    match side {
        Side::Server => {
            let layers = Layers::new(&[&set], &proto::NAMES, &limits(), &telemetry)?;
            calls(layers.around(Routes::new(Answer)), &set).await
        }
        Side::Client => {
            let target = "static:///127.0.0.1:1".parse()?;
            let next = NextHop::new(&proto::NAMES, "next", &set, &target);
            calls(next.over(&telemetry, Answer)?, &set).await
        }
    }
}

async fn calls(mut stack: impl Stack, set: &[u8]) -> anyhow::Result<f64> {
    let methods = Methods::from_descriptor_sets(&[set])?;
    let paths: Vec<_> = methods
        .iter()
        .map(|method| format!("/{}", method.full_name))
        .collect();
    let measured = cpu_us_each(CALLS, async || {
        for path in paths.iter().cycle().take(CALLS as usize) {
            call(&mut stack, path).await?;
        }
        Ok(())
    });
    measured.await
}

/// A contract of so many unary methods.
fn descriptor_set(methods: u32) -> Vec<u8> {
    let method = |number| MethodDescriptorProto {
        name: Some(format!("Method{number}")),
        ..MethodDescriptorProto::default()
    };
    let service = ServiceDescriptorProto {
        name: Some("Bench".to_owned()),
        method: (0..methods).map(method).collect(),
        options: None,
    };
    let file = FileDescriptorProto {
        package: Some("bench.v1".to_owned()),
        service: vec![service],
        ..FileDescriptorProto::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}
