use std::sync::Arc;

use grpc_wire::{Method, Methods, RpcKind};
use http::Extensions;
use tonic::GrpcMethod;

use super::Role;
use crate::{
    metrics::{Registry, SubjectPeer},
    observe::{KnownMethods, ObservedMethod},
};

/// The methods that a client calls.
#[derive(Clone, Debug)]
pub(super) struct ClientMethods {
    rules: Rules,
    known: Arc<KnownMethods<ObservedMethod>>,
}

#[derive(Clone, Debug)]
struct Rules {
    metrics: Registry,
    given: Methods,
    subject: SubjectPeer,
    role: Role,
    /// Whether any call makes a span.
    spans: bool,
}

impl ClientMethods {
    pub(super) fn new(metrics: &Registry, given: &Methods, subject: SubjectPeer) -> Self {
        Self::by(Rules {
            metrics: metrics.clone(),
            given: given.clone(),
            subject,
            role: Role::Call,
            spans: true,
        })
    }

    fn by(rules: Rules) -> Self {
        let known = KnownMethods::new(&rules.given, |method| rules.observe(method));
        Self {
            known: Arc::new(known),
            rules,
        }
    }

    pub(super) fn role(mut self, role: Role) -> Self {
        self.rules.role = role;
        Self::by(self.rules)
    }

    pub(super) fn spans(mut self, on: bool) -> Self {
        self.rules.spans = on;
        Self::by(self.rules)
    }

    /// The method of a request path. One that is not known is learned where a generated client calls it: such a
    /// client names its methods itself, and a proxy has the names of its callers.
    pub(super) fn get(&self, path: &str, request: &Extensions) -> &ObservedMethod {
        let known = self.known.find(path);
        known.unwrap_or_else(|| match request.get::<GrpcMethod>() {
            Some(method) if is_named(path, method) => self.learn(path),
            _ => self.known.other(),
        })
    }

    fn learn(&self, path: &str) -> &ObservedMethod {
        let kind = RpcKind::Unknown;
        let observe = |method: &Method| self.rules.observe(method);
        self.known.learn(path, kind, observe)
    }
}

impl Rules {
    fn observe(&self, method: &Method) -> ObservedMethod {
        let rpc = self.metrics.rpc();
        let mut observed = match self.role {
            Role::Call => ObservedMethod::new(method, rpc.client(method, &self.subject)),
            Role::Attempt { .. } => {
                ObservedMethod::new(method, rpc.attempt(method, &self.subject)).attempt()
            }
        };
        observed.traced = self.spans;
        observed
    }
}

fn is_named(path: &str, method: &GrpcMethod<'_>) -> bool {
    let name = path.strip_prefix('/').and_then(|name| name.split_once('/'));
    name == Some((method.service(), method.method()))
}
