//! A second client, server or certificate in a service.

use std::time::{Duration, SystemTime};

use dev_identity::write_certificates;
use tonic::Code;
use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest, health_client::HealthClient};
use tonic_resilience::{client::target::Target, names, names::Names, source::Source};
use tonic_stack::{
    client::NextHop,
    server::{Layers, Limits},
    tls::Certificates,
};
use tonic_telemetry::{LogFormat, Telemetry};

static NAMES: Names = names!("shop");

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn telemetry() -> Telemetry {
    tonic_telemetry::Options::new("gateway")
        .log_format(LogFormat::Off)
        .start()
        .expect("telemetry starts")
}

fn page(telemetry: &Telemetry) -> String {
    let (_, page) = telemetry.metrics().encode(None);
    String::from_utf8(page).expect("text")
}

#[tokio::test]
async fn two_servers_share_what_they_count() {
    let telemetry = telemetry();
    let limits = Limits::default();
    for _ in 0..2 {
        let layers = Layers::new(&[FILE_DESCRIPTOR_SET], &NAMES, &limits, &telemetry);
        assert!(layers.is_ok(), "{layers:?}");
    }
}

#[tokio::test]
async fn of_two_certificates_the_first_end_is_shown() {
    let telemetry = telemetry();
    for (service, lifetime) in [("user", DAY), ("profile", 3 * DAY)] {
        let folder = tempfile::tempdir().expect("a folder");
        write_certificates(folder.path(), &[service], lifetime).expect("certificates");
        let certificates = Certificates {
            tls: Source::Path(folder.path().to_owned()),
        };
        let tls = certificates.load(service, &telemetry);
        assert!(tls.expect("another certificate").is_some());
    }
    let page = page(&telemetry);
    let leaf = "tls_cert_not_after_timestamp_seconds{role=\"leaf\"} ";
    let end = page.lines().find_map(|line| line.strip_prefix(leaf));
    let end: f64 = end.expect("it is shown").parse().expect("a number");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let left = end - now.expect("after 1970").as_secs_f64();
    assert!(left <= DAY.as_secs_f64(), "{left} s");
}

#[tokio::test]
async fn the_metrics_of_two_clients_are_told_apart_by_their_target() {
    let telemetry = telemetry();
    // Nobody listens there.
    let target: Target = "static:///127.0.0.1:1".parse().expect("a target");
    for name in ["first", "second"] {
        let next = NextHop::new(&NAMES, name, FILE_DESCRIPTOR_SET, &target);
        let channel = next.connect(&telemetry).expect("another client");
        let answer = HealthClient::new(channel)
            .check(HealthCheckRequest::default())
            .await;
        assert_eq!(answer.expect_err("nobody").code(), Code::Unavailable);
    }
    let page = page(&telemetry);
    for name in ["first", "second"] {
        for family in [
            "circuit_breaker_state",
            "circuit_breaker_refused_total",
            "grpc_client_retry_budget_exhausted_total",
            "grpc_client_streams_exhausted_total",
            "grpc_client_rpc_duration_seconds_count",
        ] {
            let has = |line: &str| {
                line.starts_with(family) && line.contains(&format!("target=\"{name}\""))
            };
            assert!(page.lines().any(has), "{family} of {name}: {page}");
        }
    }
}
