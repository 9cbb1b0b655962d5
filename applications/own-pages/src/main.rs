use std::{env, error::Error, time::Duration};

use axum::{Router, extract::Path, routing::get};
use prometheus::{IntCounter, register_int_counter};
use route_guide::{Guide, route_guide_server::RouteGuideServer};
use tokio::{net::TcpListener, sync::watch};
use tonic::service::Routes;
use tonic_telemetry::{Methods, Options, admin};
use tonic_web::GrpcWebLayer;
use tracing_subscriber::{
    Layer as _, filter::LevelFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let telemetry = Options::new("own-pages").start()?;
    tracing_subscriber::registry()
        .with(telemetry.span_layer())
        .with(fmt::layer().with_ansi(false).with_filter(LevelFilter::INFO))
        .try_init()?;
    telemetry.set_globals();
    telemetry.metrics().join(prometheus::default_registry());
    let visits = register_int_counter!("visits_total", "Visits of pages.")?;

    let guide = Guide::default();
    let afterwards = guide.afterwards.clone();
    let calls = Routes::new(RouteGuideServer::new(guide))
        .into_axum_router()
        .layer(telemetry.server_layer(&Methods::default()))
        .layer(GrpcWebLayer::new());
    let (_ready, ready) = watch::channel(true);
    let app = Router::new()
        .route("/features/{latitude}", get(move |at| page(at, visits)))
        .merge(calls)
        .merge(admin::routes(telemetry.metrics().clone(), ready));

    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let served = tonic_telemetry::serve_with_grace(Duration::from_secs(10), |stop| {
        axum::serve(listener, app)
            .with_graceful_shutdown(stop)
            .into_future()
    });
    let served = served.await;
    afterwards.close();
    afterwards.wait().await;
    // Spans that are lost are a log line, and no failure of the program.
    telemetry.shutdown(Duration::from_secs(5)).await.ok();
    served?;
    Ok(())
}

#[tracing::instrument(skip(visits))]
async fn page(Path(latitude): Path<i32>, visits: IntCounter) -> String {
    visits.inc();
    format!("Berkshire Valley {latitude}")
}
