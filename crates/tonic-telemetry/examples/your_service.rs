//! A whole tonic service with spans, metrics and logs, from the parts of which `Telemetry::serve` is made.
//!
//! The health service stands for yours. Run it, with or without a collector on port 4317:
//!
//! ```console
//! $ cargo run -p tonic-telemetry --example your_service
//! $ curl 127.0.0.1:9464/metrics
//! ```

use std::{error::Error, future::pending, time::Duration};

use tokio::{net::TcpListener, sync::watch, time::timeout};
use tonic::transport::{Channel, Server};
use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest, health_client::HealthClient};
use tonic_telemetry::{Methods, Options, Peer, admin};
use tower::Layer as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // 1. Once in `main`: the exporter, the log lines, the metrics. `OTEL_*` variables count.
    let telemetry = Options::new("your_service")
        .version(env!("CARGO_PKG_VERSION"))
        .without_metrics_page()
        .init()?;
    let stop = tonic_telemetry::stop_signal()?;

    // 2. The methods of your contracts: each gets its series at zero, and others cannot make any.
    let methods = Methods::from_descriptor_sets(&[FILE_DESCRIPTOR_SET])?;

    // 3. The server layer, outermost: one span and one sample for each call that comes in.
    let (ready, mut readiness) = watch::channel(true);
    let page_readiness = readiness.clone();
    let drain = async move { drop(readiness.wait_for(|ready| !ready).await) };
    let (_reporter, service) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .layer(telemetry.server_layer(&methods))
        .add_service(service)
        .serve_with_shutdown("127.0.0.1:50061".parse()?, drain);
    let server = tokio::spawn(server);

    // 4. The page that Prometheus scrapes.
    let page = TcpListener::bind("127.0.0.1:9464").await?;
    let metrics = telemetry.metrics().clone();
    tokio::spawn(admin::serve(page, metrics, page_readiness, pending()));

    // 5. The client layer around a channel: what it calls continues the trace.
    let channel = Channel::from_static("http://127.0.0.1:50061").connect_lazy();
    let peer = Peer::new("health", "127.0.0.1", 50061);
    let mut client = HealthClient::new(telemetry.client_layer(&methods, peer).layer(channel));
    let answer = client.check(HealthCheckRequest::default()).await?;
    tracing::info!(status = answer.into_inner().status, "asked myself");

    // 6. SIGTERM or Ctrl-C: no new calls, and ten seconds for those in flight.
    stop.await;
    ready.send_replace(false);
    if let Ok(ended) = timeout(Duration::from_secs(10), server).await {
        ended??;
    } else {
        tracing::warn!("calls were cut: they took more than the grace");
    }

    // 7. Last of all: what is queued goes out, and the ledger says what became of every span.
    // Spans that are lost are a log line, and no failure of the program.
    telemetry.shutdown(Duration::from_secs(5)).await.ok();
    Ok(())
}
