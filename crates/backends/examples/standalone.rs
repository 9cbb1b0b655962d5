//! The backends alone, for any program that exports OTLP/gRPC: `cargo run -p backends --example
//! standalone`, then open <http://127.0.0.1:16686>. SIGTERM or Ctrl-C ends it.

use std::error::Error;

use backends::TraceStore;
use listener::stop_signal;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = TraceStore::default();
    let receiver = TcpListener::bind("127.0.0.1:4317").await?;
    let pages = TcpListener::bind("127.0.0.1:16686").await?;
    tokio::try_join!(
        backends::traces::otlp::serve(receiver, store.clone(), stop_signal()?),
        backends::traces::jaeger::serve(pages, store, stop_signal()?),
    )?;
    Ok(())
}
