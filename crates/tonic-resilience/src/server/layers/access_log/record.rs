use std::net::SocketAddr;

use grpc_wire::{Side, code_name, is_error};
use http::Request;
use opentelemetry::Context;
use tokio::time::Instant;
use tonic::{Code, transport::server::TcpConnectInfo};

use super::{AccessLogLayer, user_agent};
use crate::completion::OnComplete;

/// What is known of a call when it begins.
#[derive(Debug)]
pub struct Record {
    rpc: String,
    peer: Option<SocketAddr>,
    user_agent: Option<String>,
    start: Instant,
    /// The line is written when the body ends, where no context is active any more.
    context: Context,
}

impl Record {
    pub(super) fn of<B>(request: &Request<B>, settings: &AccessLogLayer) -> Self {
        Self {
            rpc: settings.name(request.uri().path()),
            peer: request
                .extensions()
                .get::<TcpConnectInfo>()
                .and_then(TcpConnectInfo::remote_addr),
            user_agent: user_agent::products(request.headers()),
            start: Instant::now(),
            context: Context::current(),
        }
    }
}

/// Writes the line.
impl OnComplete for Record {
    fn complete(self, code: Code) {
        let _active = self.context.clone().attach();
        // To the microsecond: more digits say nothing, and make the line harder to read.
        let duration_ms = (self.start.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        let peer = self.peer.map(tracing::field::display);
        let user_agent = self.user_agent.as_deref();
        let rpc = self.rpc;
        let code_name = code_name(code);
        if is_error(Side::Server, code) {
            tracing::warn!(target: "access", rpc, code = code_name, duration_ms, peer, user_agent, "call");
        } else {
            tracing::info!(target: "access", rpc, code = code_name, duration_ms, peer, user_agent, "call");
        }
    }
}
