use std::{collections::HashSet, pin::Pin, sync::Arc};

use futures_util::{Stream, stream};
use tokio::sync::watch;
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_server::Health as HealthRpc,
};

use super::State;
use crate::errors::ErrorReply;

/// Answers `Check` and `Watch` of `grpc.health.v1.Health`.
#[derive(Clone, Debug)]
pub struct HealthService {
    services: Arc<HashSet<&'static str>>,
    state: watch::Receiver<State>,
}

impl HealthService {
    pub(super) fn new(services: &[&'static str], state: watch::Receiver<State>) -> Self {
        let services = services.iter().copied().chain([""]).collect();
        Self {
            services: Arc::new(services),
            state,
        }
    }
}

#[tonic::async_trait]
impl HealthRpc for HealthService {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        if !self.services.contains(service.as_str()) {
            let reply = ErrorReply::new(Code::NotFound, "SERVICE_UNKNOWN", "unknown service");
            return Err(reply.into_status());
        }
        let status = serving_status(*self.state.borrow());
        Ok(Response::new(answer(status)))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let known = self.services.contains(request.get_ref().service.as_str());
        Ok(Response::new(Box::pin(updates(self.state.clone(), known))))
    }
}

/// The status at once, then each change; ends with the drain.
fn updates(
    state: watch::Receiver<State>,
    known: bool,
) -> impl Stream<Item = Result<HealthCheckResponse, Status>> {
    stream::unfold((state, None), move |(mut state, last)| async move {
        loop {
            let current = *state.borrow_and_update();
            let status = if known {
                serving_status(current)
            } else {
                ServingStatus::ServiceUnknown
            };
            if last != Some(status) {
                return Some((Ok(answer(status)), (state, Some(status))));
            }
            if current == State::Draining {
                return None;
            }
            // No sender left: the process is going away, and the watch with it.
            state.changed().await.ok()?;
        }
    })
}

fn serving_status(state: State) -> ServingStatus {
    match state {
        State::Serving => ServingStatus::Serving,
        State::NotServing | State::Draining => ServingStatus::NotServing,
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}
