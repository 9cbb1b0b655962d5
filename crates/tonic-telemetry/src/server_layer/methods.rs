use std::sync::Arc;

use grpc_wire::{Method, Methods, RpcKind};

use crate::{
    metrics::{Registry, ServerCounters},
    observe::{KnownMethods, ObservedMethod},
};

/// The service of [health checks](https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
const HEALTH: &str = "grpc.health.v1.Health";

/// The methods that a server answers, and which of their calls make spans.
#[derive(Clone, Debug)]
pub(super) struct ServerMethods {
    rules: Rules,
    known: Arc<KnownMethods<ServerMethod>>,
}

#[derive(Clone, Debug)]
struct Rules {
    metrics: Registry,
    given: Methods,
    /// Whether any call makes a span.
    spans: bool,
    /// The services whose calls make none.
    untraced: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct ServerMethod {
    pub(super) observed: ObservedMethod,
    pub(super) counters: ServerCounters,
}

impl ServerMethods {
    pub(super) fn new(metrics: &Registry, methods: &Methods) -> Self {
        let health = [
            ("Check", RpcKind::Unary),
            ("List", RpcKind::Unary),
            ("Watch", RpcKind::ServerStreaming),
        ];
        let given = if methods.is_empty() {
            Methods::default()
        } else {
            methods.clone().and(HEALTH, health)
        };
        Self::by(Rules {
            metrics: metrics.clone(),
            given,
            spans: true,
            untraced: vec![HEALTH.to_owned()],
        })
    }

    fn by(rules: Rules) -> Self {
        let known = KnownMethods::new(&rules.given, |method| rules.observe(method));
        Self {
            known: Arc::new(known),
            rules,
        }
    }

    pub(super) fn spans(mut self, on: bool) -> Self {
        self.rules.spans = on;
        Self::by(self.rules)
    }

    pub(super) fn traced(mut self, service: &str, traced: bool) -> Self {
        self.rules.untraced.retain(|untraced| untraced != service);
        if !traced {
            self.rules.untraced.push(service.to_owned());
        }
        Self::by(self.rules)
    }

    /// The method of a request path; `None` where it is not known whether there is one.
    pub(super) fn find(&self, path: &str) -> Option<&ServerMethod> {
        self.known.find(path)
    }

    /// What a call is observed as until it has shown that its method exists.
    pub(super) fn unproven(&self, path: &str) -> ServerMethod {
        let mut observed = self.known.other().observed.clone();
        let service = path.split('/').nth(1).unwrap_or_default();
        observed.traced = self.rules.is_traced(service);
        ServerMethod {
            observed,
            counters: ServerCounters::of_one_call(),
        }
    }

    /// The method of a path that has shown that it exists. Its calls are `kind` as far as the first one tells.
    pub(super) fn learn(&self, path: &str, kind: RpcKind) -> &ServerMethod {
        self.known.learn(path, kind, |method| {
            let mut learned = self.rules.observe(method);
            // The next call may be a stream, all the same.
            learned.observed.method.kind = RpcKind::Unknown;
            learned
        })
    }

    /// The one for all methods that do not exist.
    pub(super) fn other(&self) -> &ServerMethod {
        self.known.other()
    }
}

impl Rules {
    fn observe(&self, method: &Method) -> ServerMethod {
        let (durations, counters) = self.metrics.rpc().server(method);
        let mut observed = ObservedMethod::new(method, durations);
        observed.traced = self.is_traced(method.service);
        ServerMethod { observed, counters }
    }

    fn is_traced(&self, service: &str) -> bool {
        self.spans && self.untraced.iter().all(|untraced| untraced != service)
    }
}
