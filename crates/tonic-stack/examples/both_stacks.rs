//! A whole service with both stacks: what you write when you copy `tonic-telemetry`, `tonic-resilience` and
//! this crate.
//!
//! The health service stands for yours, and it calls itself. Run it, with or without a collector on
//! port 4317:
//!
//! ```console
//! $ cargo run -p tonic-stack --example both_stacks
//! $ curl 127.0.0.1:9464/metrics
//! ```

use std::{error::Error, future::pending, time::Duration};

use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest, health_client::HealthClient};
use tonic_resilience::{names, names::Names, server::health::Health};
use tonic_stack::{
    client::NextHop,
    server::{Layers, Limits},
};
use tonic_telemetry::{Options, admin};

/// Your errors are of the domain `shop`, and your span attributes begin with `shop.`.
static NAMES: Names = names!("shop");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // 1. Once in `main`: the exporter, the log lines, the metrics. `OTEL_*` variables count.
    let telemetry = Options::new("your_service").without_metrics_page().init()?;

    // 2. Your services, and what each call to them goes through, in the order of `tonic_stack::server`.
    let (health, service) = Health::new(&["your.v1.Service"]);
    let limits = Limits {
        max_deadline: Duration::from_secs(60),
        max_stream: Duration::from_secs(60 * 60),
        max_calls: 1024,
        stream_share: 50,
        grace: Duration::from_secs(10),
    };
    let layers = Layers::new(&[FILE_DESCRIPTOR_SET], &NAMES, &limits, &telemetry)?;
    let stack = layers.around(Routes::new(service));

    // 3. The page that Prometheus scrapes, and whether this service takes calls.
    let page = TcpListener::bind("127.0.0.1:9464").await?;
    let metrics = telemetry.metrics().clone();
    tokio::spawn(admin::serve(page, metrics, health.ready(), pending()));

    // 4. Serve until SIGTERM or Ctrl-C, then let the calls in flight end, within the grace.
    let listener = TcpListener::bind("127.0.0.1:50061").await?;
    health.set_serving(true);
    let stop = tonic_telemetry::stop_signal()?;
    let server = tokio::spawn(limits.server().serve(listener, stack, health, stop));

    // 5. The way to the next hop, with deadlines, retries, breaker and balancing.
    let target = "static:///127.0.0.1:50061".parse()?;
    let next = NextHop {
        max_calls: limits.max_calls,
        idempotent: &["grpc.health.v1.Health/Check"],
        ..NextHop::new(&NAMES, "your_service", FILE_DESCRIPTOR_SET, &target)
    };
    let mut client = HealthClient::new(next.connect(&telemetry)?);
    let answer = client.check(HealthCheckRequest::default()).await?;
    tracing::info!(status = answer.into_inner().status, "asked myself");

    // 6. Last of all: what is queued goes out, and the ledger says what became of every span.
    server.await??;
    telemetry.shutdown(Duration::from_secs(5)).await?;
    Ok(())
}
