//! `test.v1.Echo` with a method of each kind, written by hand over tonic: the server does what
//! the words that it is sent say, and the client sends them.

mod service;

pub use self::service::Echo;

use std::net::SocketAddr;

use http::uri::PathAndQuery;
use test_support::DEADLINE;
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_stream::{Stream, wrappers::TcpListenerStream};
use tonic::{
    Status, Streaming,
    body::Body,
    client::{Grpc, GrpcService},
    transport::{Channel, Endpoint, Server},
};
use tonic_prost::ProstCodec;

use super::Fixture;

/// An echo server over a real socket, behind the layer of a fixture.
pub struct Running {
    pub address: SocketAddr,
    // Stops the server when the test is over.
    _server: JoinSet<()>,
}

impl Running {
    pub async fn start(fixture: &Fixture) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("the listener is bound");
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_serving::<Echo>().await;
        let echo = Echo {
            tracer: fixture.tracer(),
        };
        let router = Server::builder()
            // By default a connection ends with ENHANCE_YOUR_CALM when its caller resets 20 calls
            // before a busy machine accepts them.
            .http2_max_pending_accept_reset_streams(Some(10_000))
            .layer(fixture.server_layer().announce_trace_id())
            .add_service(echo)
            .add_service(health_service);
        let mut server = JoinSet::new();
        server.spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            router
                .serve_with_incoming(incoming)
                .await
                .expect("the server runs until the test is over");
        });
        Self {
            address,
            _server: server,
        }
    }

    /// A connection to the server, not traced yet.
    pub fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address))
            .expect("an address makes a URI")
            .connect_lazy()
    }
}

/// Sends words to a method of any kind, and collects the answers and how the call ended.
///
/// On the wire a single request is a stream of one.
pub async fn call<S>(
    service: S,
    method: &str,
    words: impl Stream<Item = String> + Send + 'static,
) -> (Vec<String>, Result<(), Status>)
where
    S: GrpcService<Body>,
    S::ResponseBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    <S::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut answers = Vec::new();
    let talk = async {
        let mut stream = open(service, method, words).await?;
        while let Some(answer) = stream.message().await? {
            answers.push(answer);
        }
        Ok(())
    };
    let ended = timeout(DEADLINE, talk).await.expect("a call ends in time");
    (answers, ended)
}

/// Starts a call, and returns when the headers of its answer are here.
pub async fn open<S>(
    service: S,
    method: &str,
    words: impl Stream<Item = String> + Send + 'static,
) -> Result<Streaming<String>, Status>
where
    S: GrpcService<Body>,
    S::ResponseBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    <S::ResponseBody as http_body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let path = format!("/test.v1.Echo/{method}");
    let path = PathAndQuery::try_from(path).expect("a method is a path");
    let mut grpc = Grpc::new(service);
    grpc.ready()
        .await
        .map_err(|error| Status::from_error(error.into()))?;
    let answer = grpc.streaming(tonic::Request::new(words), path, codec());
    Ok(answer.await?.into_inner())
}

/// The words of a request.
pub fn words(words: &[&str]) -> impl Stream<Item = String> + Send + 'static {
    let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
    tokio_stream::iter(words)
}

fn codec() -> ProstCodec<String, String> {
    ProstCodec::default()
}
