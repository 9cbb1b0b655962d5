use std::{env, error::Error, time::Duration};

use route_guide::{Guide, route_guide_server::RouteGuideServer};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let telemetry = tonic_telemetry::init("route-guide")?;
    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:10000")).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");

    let guide = Guide::default();
    let afterwards = guide.afterwards.clone();
    let served = tonic_telemetry::serve_with_grace(Duration::from_secs(10), |stop| {
        telemetry
            .server()
            .add_service(RouteGuideServer::new(guide))
            .serve_with_incoming_shutdown(TcpIncoming::from(listener), stop)
    });
    let served = served.await;
    afterwards.close();
    afterwards.wait().await;
    // Spans that are lost are a log line, and no failure of the program.
    telemetry.shutdown(Duration::from_secs(5)).await.ok();
    served?;
    Ok(())
}
