//! What a client calls, and the page of a whole program.

use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::InMemorySpanExporter;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_telemetry::Options;
use tower::{Layer as _, ServiceExt as _};

use super::{request, services};
use crate::support::{
    CLIENT_DURATION, Fixture,
    echo::{Running, call, words},
    scrape::page,
};

#[tokio::test]
async fn a_target_has_series_of_what_generated_clients_call_there() {
    let fixture = Fixture::learning();
    let server = Running::start(&fixture).await;
    let channel = fixture.client_layer().layer(server.channel());
    let mut client = HealthClient::new(channel.clone());
    client.check(HealthCheckRequest::default()).await.unwrap();
    // By hand, as a proxy would do for its callers.
    call(channel.clone(), "Say", words(&["ok"]))
        .await
        .1
        .unwrap();
    let mut renamed = request("/test.v1.Echo/Say");
    let method = tonic::GrpcMethod::new("test.v1.Echo", "Watch");
    renamed.extensions_mut().insert(method);
    channel.oneshot(renamed).await.unwrap();

    let spans = fixture.wait_for(SpanKind::Client, 2).await;
    let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names[..2], ["grpc.health.v1.Health/Check", "grpc"]);
    let mut called = services(&fixture, CLIENT_DURATION);
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, ["_OTHER", "grpc.health.v1.Health"]);
}

#[tokio::test]
async fn the_page_of_a_program_without_descriptor_sets_has_what_is_called_and_no_more() {
    let telemetry = Options::new("shop")
        .variables(|_| None)
        .span_exporter(InMemorySpanExporter::default())
        .start()
        .expect("no variable is set");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let (_reporter, health) = tonic_health::server::health_reporter();
    let server = telemetry.server().add_service(health);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let channel = telemetry.channel("self", format!("http://{address}"));
    let mut client = HealthClient::new(channel.expect("a URL"));
    for service in ["", "unknown"] {
        let service = service.to_owned();
        client.check(HealthCheckRequest { service }).await.ok();
    }

    let page = page(telemetry.metrics(), None);
    let counts = page
        .lines()
        .filter(|line| line.contains("rpc_duration_seconds_count{"));
    let check = r#"method="Check",service="grpc.health.v1.Health""#;
    let other = r#"code="UNIMPLEMENTED",method="_OTHER",service="_OTHER""#;
    let expected = [
        format!(
            r#"grpc_client_rpc_duration_seconds_count{{code="NOT_FOUND",{check},target="self"}} 1"#
        ),
        format!(r#"grpc_client_rpc_duration_seconds_count{{code="OK",{check},target="self"}} 1"#),
        format!(r#"grpc_client_rpc_duration_seconds_count{{{other},target="self"}} 0"#),
        format!(r#"grpc_rpc_duration_seconds_count{{code="NOT_FOUND",{check}}} 1"#),
        format!(r#"grpc_rpc_duration_seconds_count{{code="OK",{check}}} 1"#),
        format!("grpc_rpc_duration_seconds_count{{{other}}} 0"),
    ];
    assert_eq!(counts.collect::<Vec<_>>(), expected, "{page}");
}
