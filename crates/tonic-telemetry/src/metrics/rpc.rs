use std::{slice, sync::Arc};

use prometheus::{HistogramOpts, IntCounter, IntCounterVec, Opts};

use super::{
    Durations, ExemplarHistogramVec,
    durations::NamedFamily,
    names::{RpcMetricNames, Scheme, Subject, SubjectPeer},
};
use grpc_wire::{Method, Side};

/// The upper bounds of the buckets of the RPC histograms of our own names, in seconds.
///
/// Bounds of the semantic conventions, and five below them: a call over loopback takes less than
/// a millisecond. Were all calls of a method in the first bucket, its quantiles would be shares of
/// that bucket's width, and the same for each method.
pub const DURATION_BUCKETS: [f64; 19] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75,
    1.0, 2.5, 5.0, 7.5, 10.0,
];

const METHOD_LABELS: [&str; 2] = ["service", "method"];

/// The metric families of RPCs. Server and client have names of their own, not a label: a sum
/// over a name must not count a call twice.
#[derive(Clone, Debug)]
pub(crate) struct RpcFamilies {
    server_durations: Vec<NamedFamily>,
    client_durations: Vec<NamedFamily>,
    attempt_durations: NamedFamily,
    started: IntCounterVec,
    received: IntCounterVec,
    sent: IntCounterVec,
}

impl RpcFamilies {
    pub(super) fn new(names: RpcMetricNames) -> Self {
        let schemes = names.schemes();
        let calls = |side, help| {
            let families = schemes
                .iter()
                .map(|scheme| durations(*scheme, scheme.call(side), help, side));
            families.collect()
        };
        Self {
            server_durations: calls(
                Side::Server,
                "Time from the request headers to the end of the answer, by status code.",
            ),
            client_durations: calls(
                Side::Client,
                "Time from the call to the end of the answer, with all attempts, by status code.",
            ),
            attempt_durations: durations(
                names.of_attempts(),
                "grpc_client_attempt_duration_seconds",
                "Time of a single attempt of a call, by status code.",
                Side::Client,
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

    pub(super) fn histograms(&self) -> impl Iterator<Item = &ExemplarHistogramVec> {
        let calls = self.server_durations.iter().chain(&self.client_durations);
        let all = calls.chain([&self.attempt_durations]);
        all.map(|family| &family.histogram)
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
        let subject = Subject {
            method: *method,
            peer: None,
        };
        let durations = Durations::new(&self.server_durations, subject);
        (Arc::new(durations), counters)
    }

    pub(crate) fn client(&self, method: &Method, peer: &SubjectPeer) -> Arc<Durations> {
        Arc::new(Durations::new(&self.client_durations, called(method, peer)))
    }

    pub(crate) fn attempt(&self, method: &Method, peer: &SubjectPeer) -> Arc<Durations> {
        let family = slice::from_ref(&self.attempt_durations);
        Arc::new(Durations::new(family, called(method, peer)))
    }
}

fn called(method: &Method, peer: &SubjectPeer) -> Subject {
    Subject {
        method: *method,
        peer: Some(peer.clone()),
    }
}

fn durations(scheme: Scheme, name: &str, help: &str, side: Side) -> NamedFamily {
    let options = HistogramOpts::new(name, help).buckets(scheme.buckets().to_vec());
    let labels = scheme.labels(side);
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    let histogram = ExemplarHistogramVec::new(options, &labels, true).expect(CONSTANT);
    NamedFamily { scheme, histogram }
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

impl ServerCounters {
    /// Counters of a single call, which are in no family: whose they are is not known yet.
    pub(crate) fn of_one_call() -> Self {
        let counter = || IntCounter::new("of_one_call", "In no family.").expect(CONSTANT);
        Self {
            started: counter(),
            received: counter(),
            sent: counter(),
        }
    }

    /// What is counted now.
    pub(crate) fn get(&self) -> CallCounts {
        CallCounts {
            started: self.started.get(),
            received: self.received.get(),
            sent: self.sent.get(),
        }
    }

    /// Adds what a call has `counted`, without what was `moved` before.
    pub(crate) fn add(&self, counted: &CallCounts, moved: &CallCounts) {
        self.started.inc_by(counted.started - moved.started);
        self.received.inc_by(counted.received - moved.received);
        self.sent.inc_by(counted.sent - moved.sent);
    }
}

/// Values of [`ServerCounters`].
#[derive(Debug, Default)]
pub(crate) struct CallCounts {
    started: u64,
    received: u64,
    sent: u64,
}
