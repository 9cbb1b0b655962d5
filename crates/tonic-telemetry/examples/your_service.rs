//! A whole tonic service with spans, metrics and logs: what you write when you copy this crate.
//!
//! The health service stands for yours. Run it, with or without a collector on port 4317:
//!
//! ```console
//! $ cargo run -p tonic-telemetry --example your_service
//! $ curl 127.0.0.1:9464/metrics
//! ```

use std::{error::Error, time::Duration};

use tokio::{net::TcpListener, sync::watch};
use tonic::transport::{Channel, Server};
use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest, health_client::HealthClient};
use tonic_telemetry::{Methods, Peer, admin};
use tower::Layer as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // 1. Once in `main`: the exporter, the log lines, the metrics. `OTEL_*` variables count.
    let telemetry = tonic_telemetry::init("your_service")?;

    // 2. The methods of your contracts: each gets its series at zero, and others cannot make any.
    let methods = Methods::from_descriptor_sets(&[FILE_DESCRIPTOR_SET])?;

    // 3. The server layer, outermost: one span and one sample for each call that comes in.
    let (_reporter, service) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .layer(telemetry.server_layer(&methods))
        .add_service(service)
        .serve("127.0.0.1:50061".parse()?);
    let server = tokio::spawn(server);

    // 4. The page that Prometheus scrapes.
    let (_ready, readiness) = watch::channel(true);
    let page = TcpListener::bind("127.0.0.1:9464").await?;
    let page = admin::serve(
        page,
        telemetry.metrics().clone(),
        readiness,
        std::future::pending(),
    );
    tokio::spawn(page);

    // 5. The client layer around a channel: what it calls continues the trace.
    let channel = Channel::from_static("http://127.0.0.1:50061").connect_lazy();
    let peer = Peer {
        name: "health".to_owned(),
        address: "127.0.0.1".to_owned(),
        port: Some(50061),
    };
    let mut client = HealthClient::new(telemetry.client_layer(&methods, peer).layer(channel));
    let answer = client.check(HealthCheckRequest::default()).await?;
    tracing::info!(status = answer.into_inner().status, "asked myself");

    tokio::signal::ctrl_c().await?;
    server.abort();

    // 6. Last of all: what is queued goes out, and the ledger says what became of every span.
    telemetry.shutdown(Duration::from_secs(5)).await?;
    Ok(())
}
