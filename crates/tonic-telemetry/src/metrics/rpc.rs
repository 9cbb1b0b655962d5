use std::sync::Arc;

use prometheus::{HistogramOpts, IntCounter, IntCounterVec, Opts};

use super::{Durations, ExemplarHistogramVec};
use grpc_wire::Method;

/// The upper bounds of the buckets of every RPC histogram, in seconds.
///
/// Bounds of the semantic conventions, and three below them: a call over loopback takes less than
/// a millisecond, and would else always be in the first bucket.
pub const DURATION_BUCKETS: [f64; 17] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0,
    7.5, 10.0,
];

const METHOD_LABELS: [&str; 2] = ["service", "method"];
const SERVER_LABELS: [&str; 3] = ["service", "method", "code"];
const CLIENT_LABELS: [&str; 4] = ["service", "method", "code", "target"];

/// The metric families of RPCs. Server and client have names of their own, not a label: a sum
/// over a name must not count a call twice.
#[derive(Clone, Debug)]
pub(crate) struct RpcFamilies {
    server_durations: ExemplarHistogramVec,
    client_durations: ExemplarHistogramVec,
    attempt_durations: ExemplarHistogramVec,
    started: IntCounterVec,
    received: IntCounterVec,
    sent: IntCounterVec,
}

impl RpcFamilies {
    pub(super) fn new() -> Self {
        Self {
            server_durations: durations(
                "grpc_rpc_duration_seconds",
                "Time from the request headers to the end of the answer, by status code.",
                &SERVER_LABELS,
            ),
            client_durations: durations(
                "grpc_client_rpc_duration_seconds",
                "Time from the call to the end of the answer, with all attempts, by status code.",
                &CLIENT_LABELS,
            ),
            attempt_durations: durations(
                "grpc_client_attempt_duration_seconds",
                "Time of a single attempt of a call, by status code.",
                &CLIENT_LABELS,
            ),
            started: counter(
                "grpc_rpc_started_total",
                "Calls that came in; without those that ended, the calls in flight.",
                &["service", "method", "type"],
            ),
            received: counter(
                "grpc_rpc_messages_received_total",
                "Request messages that came in completely.",
                &METHOD_LABELS,
            ),
            sent: counter(
                "grpc_rpc_messages_sent_total",
                "Answer messages that went out completely.",
                &METHOD_LABELS,
            ),
        }
    }

    pub(super) fn histograms(&self) -> [&ExemplarHistogramVec; 3] {
        [
            &self.server_durations,
            &self.client_durations,
            &self.attempt_durations,
        ]
    }

    pub(super) fn counters(&self) -> [&IntCounterVec; 3] {
        [&self.started, &self.received, &self.sent]
    }

    pub(crate) fn server(&self, method: &Method) -> (Arc<Durations>, ServerCounters) {
        let labels = [method.service, method.name];
        let started = [method.service, method.name, method.kind.label()];
        let counters = ServerCounters {
            started: self.started.with_label_values(&started),
            received: self.received.with_label_values(&labels),
            sent: self.sent.with_label_values(&labels),
        };
        let durations = Durations::new(&self.server_durations, method, None);
        (Arc::new(durations), counters)
    }

    pub(crate) fn client(&self, method: &Method, target: &Arc<str>) -> Arc<Durations> {
        Arc::new(Durations::new(
            &self.client_durations,
            method,
            Some(target.clone()),
        ))
    }

    pub(crate) fn attempt(&self, method: &Method, target: &Arc<str>) -> Arc<Durations> {
        Arc::new(Durations::new(
            &self.attempt_durations,
            method,
            Some(target.clone()),
        ))
    }
}

fn durations(name: &str, help: &str, labels: &[&str]) -> ExemplarHistogramVec {
    let options = HistogramOpts::new(name, help).buckets(DURATION_BUCKETS.to_vec());
    ExemplarHistogramVec::new(options, labels, true).expect(CONSTANT)
}

fn counter(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, help), labels).expect(CONSTANT)
}

const CONSTANT: &str = "the name, the labels and the buckets are constants that Prometheus allows";

/// What a server counts for one method. A clone counts into the same series.
#[derive(Clone, Debug)]
pub(crate) struct ServerCounters {
    pub(crate) started: IntCounter,
    pub(crate) received: IntCounter,
    pub(crate) sent: IntCounter,
}
