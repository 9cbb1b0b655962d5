//! Each layer alone around a trivial service; the row `none` is that service, its request and its answer.

use std::{fs, time::Duration};

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use dev_identity::TokenKey;
use grpc_wire::Methods;
use prometheus::Registry;
use proto::user::v1::FILE_DESCRIPTOR_SET;
use tokio::runtime::{self, Runtime};
use tonic_resilience::{
    client::layers::{
        CircuitBreakerLayer, PropagateDeadlineLayer, RetryLayer, ValidateResponseLayer,
        circuit_breaker::{BreakerMetrics, Settings},
        retry::{RetryMetrics, RetryPolicy},
    },
    server::layers::{
        AccessLogLayer, AuthenticateLayer, AuthorizePeerLayer, CallerLimitLayer, CatchPanicLayer,
        ConcurrencyLimitLayer, EnforceDeadlineLayer, InjectFaultLayer, RateLimitLayer,
        ValidateProtocolLayer, authenticate::TokenVerifier,
    },
    stack::Stack,
};
use tonic_telemetry::{LogFormat, Options, Peer, Telemetry};
use tower::{Layer, layer::util::Identity};

use crate::fixture::{Answer, call};

const PATH: &str = "/tracewalk.user.v1.UserService/GetUser";

/// More than any caller here asks for.
const MOST: u32 = 1_000_000_000;

struct Bench<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    runtime: Runtime,
    methods: Methods,
    telemetry: Telemetry,
}

impl<'a> Bench<'a> {
    fn new(criterion: &'a mut Criterion, name: &str) -> Self {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let telemetry = Options::new("bench").log_format(LogFormat::Off);
        let this = Self {
            group: criterion.benchmark_group(name),
            runtime: runtime.expect("a runtime"),
            methods: Methods::from_descriptor_sets(&[FILE_DESCRIPTOR_SET]).expect("a contract"),
            telemetry: telemetry.variables(|_| None).start().expect("telemetry"),
        };
        let mut this = this;
        this.layer("none", Identity::new());
        this
    }

    fn layer<L: Layer<Answer, Service: Stack>>(&mut self, name: &str, layer: L) {
        let _within = self.runtime.enter();
        let mut stack = layer.layer(Answer);
        self.group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let called = self.runtime.block_on(call(&mut stack, PATH));
                called.expect("the answer is OK");
            });
        });
    }
}

pub(crate) fn server(criterion: &mut Criterion) {
    let mut bench = Bench::new(criterion, "server");
    let runtime = bench.runtime.handle().clone();
    let _within = runtime.enter();
    let (methods, minute) = (bench.methods.clone(), Duration::from_mins(1));
    let names = methods.iter().map(|method| method.full_name);
    let streams = || methods.streams();
    bench.layer("TraceServer", bench.telemetry.server_layer(&methods));
    bench.layer(
        "AccessLog, without a subscriber",
        AccessLogLayer::new(names),
    );
    bench.layer("ValidateProtocol", ValidateProtocolLayer::new(&methods));
    bench.layer(
        "EnforceDeadline",
        EnforceDeadlineLayer::new(minute).streams(minute, streams()),
    );
    bench.layer(
        "ConcurrencyLimit",
        ConcurrencyLimitLayer::new(1024).streams(512, streams()),
    );
    bench.layer(
        "AuthorizePeer, any peer",
        AuthorizePeerLayer::default().allow_all("tracewalk.user.v1.UserService"),
    );
    authenticate(&mut bench);
    bench.layer("RateLimit", RateLimitLayer::new(MOST, MOST));
    bench.layer(
        "CallerLimit",
        CallerLimitLayer::new(512, 256).streams(streams()),
    );
    bench.layer("CatchPanic", CatchPanicLayer);
    bench.layer("InjectFault, none asked for", InjectFaultLayer::new("user"));
}

fn authenticate(bench: &mut Bench<'_>) {
    let (verifier, token) = identity();
    bench.layer(
        "Authenticate, no token",
        AuthenticateLayer::new(verifier.clone()),
    );
    bench
        .group
        .bench_function("a token is verified", |bencher| {
            bencher.iter(|| verifier.verify(&token).expect("a token by a known key"));
        });
}

pub(crate) fn client(criterion: &mut Criterion) {
    let mut bench = Bench::new(criterion, "client");
    let (registry, methods) = (Registry::new(), bench.methods.clone());
    let peer = Peer::new("user", "127.0.0.1", 50052);
    let retries = RetryMetrics::new(&registry).expect("the registry is empty");
    let breakers = BreakerMetrics::new(&registry).expect("their names differ");
    let policy = RetryPolicy::default().idempotent(&PATH[1..]);
    let trace = bench.telemetry.client_layer(&methods, peer);
    bench.layer("TraceClient", trace.clone());
    bench.layer("TraceClient, of an attempt", trace.attempt("attempt"));
    bench.layer(
        "PropagateDeadline",
        PropagateDeadlineLayer::new(Duration::from_secs(5)).without_timeout(methods.streams()),
    );
    bench.layer(
        "Retry, none needed",
        RetryLayer::new("user", policy, &retries),
    );
    bench.layer(
        "CircuitBreaker, closed",
        CircuitBreakerLayer::new("user", Settings::default(), &breakers).streams(methods.streams()),
    );
    bench.layer("ValidateResponse", ValidateResponseLayer);
}

/// A verifier, and a token that it accepts.
fn identity() -> (TokenVerifier, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys.json");
    let key = TokenKey::generate().expect("a key");
    fs::write(&keys, key.to_jwk_set()).expect("the folder is there");
    let verifier = TokenVerifier::load(keys, "tracewalk", "gateway").expect("a key set");
    let hour = Duration::from_hours(1);
    let token = key.issue("tracewalk", "gateway", "ada", &["users:write"], hour);
    (verifier, token.expect("a signature"))
}
