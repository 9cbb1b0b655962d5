use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::uri::PathAndQuery;
use opentelemetry::Context;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::Strategy;
use super::messages::{StrategyRequest, StrategyResponse};

/// Asks a server over and over how to sample, on a thread of its own; dropped, it stops.
#[derive(Debug)]
pub(super) struct Poll {
    _stop: oneshot::Sender<()>,
}

/// What is asked, where and how often.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) endpoint: Endpoint,
    pub(super) service: String,
    pub(super) interval: Duration,
    /// What is sampled until there is an answer.
    pub(super) initial_ratio: f64,
}

impl Poll {
    /// Starts to ask, and puts each answer where the sampler looks.
    ///
    /// # Errors
    ///
    /// The error of the operating system where it starts no thread.
    pub(super) fn start(question: Question, strategy: Arc<RwLock<Strategy>>) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::Builder::new()
            .name("sampling".to_owned())
            .spawn(move || {
                let _suppressed = Context::enter_telemetry_suppressed_scope();
                runtime.block_on(async {
                    tokio::select! {
                        () = question.ask_for_ever(&strategy) => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(Self { _stop: stop })
    }
}

impl Question {
    /// Keeps the last strategy while the server is away, as the clients of Jaeger did.
    async fn ask_for_ever(self, strategy: &RwLock<Strategy>) {
        const TIMEOUT: Duration = Duration::from_secs(5);
        let channel = self.endpoint.connect_lazy();
        let (mut failing, mut last) = (false, None);
        loop {
            let answer = timeout(TIMEOUT, self.ask(channel.clone())).await;
            let answer = answer.ok().and_then(Result::ok);
            match answer.clone().and_then(Strategy::read) {
                // An unchanged answer keeps its budgets: filled anew, they would be larger.
                Some(_) if answer == last => failing = false,
                Some(read) => {
                    (failing, last) = (false, answer);
                    *strategy.write().unwrap_or_else(PoisonError::into_inner) = read;
                }
                None if failing => {}
                None => {
                    failing = true;
                    tracing::warn!(endpoint = %self.endpoint.uri(), "no answer how to sample");
                }
            }
            sleep(self.interval).await;
        }
    }

    async fn ask(&self, channel: Channel) -> Result<StrategyResponse, Status> {
        const PATH: &str = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy";
        let mut grpc = Grpc::new(channel);
        grpc.ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let request = Request::new(StrategyRequest {
            service_name: self.service.clone(),
        });
        let codec = ProstCodec::<StrategyRequest, StrategyResponse>::default();
        let answer = grpc
            .unary(request, PathAndQuery::from_static(PATH), codec)
            .await;
        answer.map(tonic::Response::into_inner)
    }
}
