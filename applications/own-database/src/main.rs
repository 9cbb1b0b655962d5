use std::{env, error::Error, time::Duration};

use own_database::{DESCRIPTOR, Shop, shop_service_server::ShopServiceServer};
use sqlx::sqlite::SqlitePoolOptions;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic_telemetry::{Methods, Options, Telemetry};
use tonic_telemetry_sqlx::SqlitePool;

const SCHEMA: &str = "
    CREATE TABLE items (name TEXT PRIMARY KEY, price INTEGER NOT NULL, stock INTEGER CHECK (stock >= 0));
    CREATE TABLE orders (number INTEGER PRIMARY KEY, item TEXT NOT NULL, price INTEGER NOT NULL);
    INSERT INTO items VALUES ('tea', 350, 1);
";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let methods = Methods::from_descriptor_sets(&[DESCRIPTOR])?;
    let telemetry = Options::new("own-database").methods(methods);
    telemetry.run(Duration::from_secs(5), serve).await
}

async fn serve(telemetry: &Telemetry) -> Result<(), Box<dyn Error + Send + Sync>> {
    // One connection: each would have a memory of its own.
    let options = SqlitePoolOptions::new().max_connections(1);
    let pool = options.connect("sqlite::memory:").await?;
    let pool = SqlitePool::new(pool, telemetry.tracer());
    sqlx::raw_sql(SCHEMA).execute(&pool).await?;

    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:10000")).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    tonic_telemetry::serve_with_grace(Duration::from_secs(10), |stop| {
        telemetry
            .server()
            .add_service(ShopServiceServer::new(Shop { pool }))
            .serve_with_incoming_shutdown(TcpIncoming::from(listener), stop)
    })
    .await?;
    Ok(())
}
