//! Twenty minutes of three services, with all that can go wrong: a restart, a gap, a series that
//! begins late and one that ends early.

use crate::prometheus::{
    labels::Labels,
    promql::{Samples, count, whole},
    samples::Sample,
};

/// The first sample, in milliseconds since 1970. No sample is at a whole second, where versions of
/// Prometheus differ in whether a range begins with it.
pub(super) const START: i64 = 1_700_000_000_300;

const INTERVAL: i64 = 5_000;

const ROUNDS: usize = 240;

/// The last sample.
pub(super) const END: i64 = START + 239 * INTERVAL;

const BOUNDS: [&str; 8] = [
    "0.001", "0.005", "0.01", "0.05", "0.1", "0.25", "1.0", "+Inf",
];

/// Which rounds a series is in.
type Life = fn(usize) -> bool;

const ALWAYS: Life = |_| true;
const WITH_GAP: Life = |round| !(60..90).contains(&round);
const LATE: Life = |round| round >= 120;
const ENDS: Life = |round| round < 150;

/// A method of a service: its labels, how many calls a round, and when.
const METHODS: [(&str, &str, &str, f64, Life); 6] = [
    (
        "gateway",
        "tracewalk.gateway.v1.GatewayService",
        "GetUser",
        7.3,
        ALWAYS,
    ),
    (
        "gateway",
        "tracewalk.gateway.v1.GatewayService",
        "CreateUser",
        2.1,
        LATE,
    ),
    (
        "user",
        "tracewalk.user.v1.UserService",
        "GetUser",
        7.1,
        ALWAYS,
    ),
    ("user", "grpc.health.v1.Health", "Check", 1.0, ALWAYS),
    (
        "profile",
        "tracewalk.profile.v1.ProfileService",
        "GetProfile",
        6.9,
        WITH_GAP,
    ),
    (
        "profile",
        "tracewalk.profile.v1.ProfileService",
        "PutProfile",
        2.0,
        ENDS,
    ),
];

/// What the services call: the caller, what it calls, and how often a round.
const CALLS: [(&str, &str, &str, f64); 2] = [
    ("gateway", "tracewalk.user.v1.UserService", "GetUser", 7.2),
    (
        "user",
        "tracewalk.profile.v1.ProfileService",
        "GetProfile",
        7.0,
    ),
];

const CODES: [(&str, f64); 6] = [
    ("OK", 1.0),
    ("NOT_FOUND", 0.11),
    ("UNAVAILABLE", 0.07),
    ("CANCELLED", 0.03),
    ("DEADLINE_EXCEEDED", 0.02),
    ("RESOURCE_EXHAUSTED", 0.05),
];

/// All series.
pub(super) fn series() -> Vec<Samples> {
    let mut all = Vec::new();
    for (service_name, service, method, calls, life) in METHODS {
        let labels = [
            ("service_name", service_name),
            ("service", service),
            ("method", method),
        ];
        for (code, part) in CODES {
            let calls = calls * part;
            let labels = [&labels[..], &[("code", code)]].concat();
            histogram(&mut all, "grpc_rpc_duration_seconds", &labels, calls, life);
        }
        let started = [&labels[..], &[("type", "unary")]].concat();
        counter(
            &mut all,
            "grpc_rpc_started_total",
            &started,
            calls * 1.3,
            life,
        );
        counter(
            &mut all,
            "grpc_rpc_messages_received_total",
            &labels,
            calls,
            life,
        );
        counter(
            &mut all,
            "grpc_rpc_messages_sent_total",
            &labels,
            calls,
            life,
        );
    }
    for (service_name, service, method, calls) in CALLS {
        for (code, part) in CODES {
            let calls = calls * part;
            let caller = [("service_name", service_name), ("target", "next")];
            let labels = [&caller[..], &[("service", service), ("method", method)]].concat();
            let labels = [&labels[..], &[("code", code)]].concat();
            let attempts = calls * 1.2;
            histogram(
                &mut all,
                "grpc_client_rpc_duration_seconds",
                &labels,
                calls,
                ALWAYS,
            );
            histogram(
                &mut all,
                "grpc_client_attempt_duration_seconds",
                &labels,
                attempts,
                LATE,
            );
        }
    }
    for (service_name, up) in [("gateway", ALWAYS), ("user", ALWAYS), ("profile", WITH_GAP)] {
        of_process(&mut all, service_name, up);
    }
    of_prometheus(&mut all);
    all
}

fn of_process(all: &mut Vec<Samples>, service_name: &str, up: Life) {
    let labels = [("service_name", service_name)];
    let with = |name, value| [labels[0], (name, value)];
    gauge(
        all,
        "up",
        &labels,
        |round| f64::from(round % 50 != 7),
        ALWAYS,
    );
    gauge(
        all,
        "scrape_duration_seconds",
        &labels,
        |round| wave(round) / 100.0,
        ALWAYS,
    );
    gauge(all, "scrape_samples_scraped", &labels, |_| 400.0, ALWAYS);
    gauge(
        all,
        "process_open_fds",
        &labels,
        |round| 20.0 + wave(round),
        up,
    );
    gauge(
        all,
        "process_resident_memory_bytes",
        &labels,
        |round| 1e7 + count(round),
        up,
    );
    gauge(all, "otel_sdk_processor_span_queue_size", &labels, wave, up);
    gauge(
        all,
        "otel_sdk_processor_span_queue_capacity",
        &labels,
        |_| 8192.0,
        up,
    );
    let target = with("target", "next");
    gauge(
        all,
        "circuit_breaker_state",
        &target,
        |round| count(round / 40 % 3),
        up,
    );
    let leaf = with("role", "leaf");
    gauge(
        all,
        "tls_cert_not_after_timestamp_seconds",
        &leaf,
        |_| 1.700_5e9,
        up,
    );
    counter(all, "process_cpu_seconds_total", &labels, 0.013, up);
    counter(all, "otel_sdk_span_started_total", &labels, 30.0, up);
    for (name, calls) in [
        ("otel_sdk_exporter_span_exported_total", 29.0),
        ("otel_sdk_processor_span_processed_total", 28.0),
    ] {
        counter(all, name, &with("error_type", ""), calls, up);
        counter(
            all,
            name,
            &with("error_type", "queue_full"),
            calls / 30.0,
            up,
        );
    }
    counter(
        all,
        "grpc_client_retries_total",
        &with("reason", "UNAVAILABLE"),
        0.4,
        up,
    );
    counter(
        all,
        "grpc_client_retry_budget_exhausted_total",
        &target,
        0.1,
        up,
    );
    counter(
        all,
        "circuit_breaker_transitions_total",
        &with("to", "open"),
        0.05,
        up,
    );
}

fn of_prometheus(all: &mut Vec<Samples>) {
    gauge(
        all,
        "prometheus_tsdb_exemplar_exemplars_in_storage",
        &[],
        wave,
        ALWAYS,
    );
    gauge(
        all,
        "prometheus_tsdb_exemplar_max_exemplars",
        &[],
        |_| 2e4,
        ALWAYS,
    );
    let kind = [("span_kind", "SPAN_KIND_SERVER")];
    counter(all, "traces_span_metrics_calls_total", &kind, 9.0, ALWAYS);
    let firing = [("alertname", "HighLatency"), ("alertstate", "firing")];
    gauge(all, "ALERTS", &firing, |_| 1.0, LATE);
    for service_name in ["gateway", "user"] {
        let labels = [("service_name", service_name)];
        gauge(
            all,
            "service_name:grpc_rpc_errors:ratio_rate1m",
            &labels,
            part,
            ALWAYS,
        );
        let method = [
            &labels[..],
            &[
                ("service", "tracewalk.gateway.v1.GatewayService"),
                ("method", "GetUser"),
            ],
        ]
        .concat();
        let p99 = "service_name_method:grpc_rpc_duration_seconds:p99_rate1m";
        gauge(all, p99, &method, part, ALWAYS);
    }
    for slo in ["availability", "latency"] {
        let labels = [("slo", slo)];
        gauge(all, "slo:objective:ratio", &labels, |_| 0.99, ALWAYS);
        for window in ["5m", "30m", "1h", "6h"] {
            let ratio = format!("slo:errors:ratio_rate{window}");
            gauge(all, &ratio, &labels, |round| part(round) / 10.0, ALWAYS);
            gauge(
                all,
                &format!("slo:burn:rate{window}"),
                &labels,
                wave,
                ALWAYS,
            );
        }
    }
}

fn histogram(all: &mut Vec<Samples>, name: &str, labels: &[(&str, &str)], calls: f64, life: Life) {
    for (place, bound) in BOUNDS.iter().enumerate() {
        let labels = [labels, &[("le", bound)]].concat();
        let below = calls * count(place + 1) / count(BOUNDS.len());
        counter(all, &format!("{name}_bucket"), &labels, below, life);
    }
    counter(all, &format!("{name}_count"), labels, calls, life);
    counter(all, &format!("{name}_sum"), labels, calls * 0.037, life);
}

/// Grows by about so much a round; that of the user service begins anew in the middle.
fn counter(all: &mut Vec<Samples>, name: &str, labels: &[(&str, &str)], step: f64, life: Life) {
    let restarts = labels.contains(&("service_name", "user"));
    let value = |round: usize| {
        let round = if restarts && round >= 100 {
            round - 100
        } else {
            round
        };
        // Calls are whole, what they take is not.
        let grown = step * count(round) * (1.0 + wave(round) / 100.0);
        if step < 0.5 {
            grown
        } else {
            count(whole(grown, usize::MAX >> 12))
        }
    };
    let mut so_far: f64 = 0.0;
    gauge(all, name, labels, value, life);
    let restarted = START + 100 * INTERVAL;
    for sample in &mut all.last_mut().unwrap().samples {
        if restarts && sample.at >= restarted && sample.at < restarted + 2 * INTERVAL {
            so_far = 0.0;
        }
        so_far = so_far.max(sample.value);
        sample.value = so_far;
    }
}

fn gauge(
    all: &mut Vec<Samples>,
    name: &str,
    labels: &[(&str, &str)],
    value: impl Fn(usize) -> f64,
    life: Life,
) {
    let job = ("job", "grpc-services");
    let all_labels = [labels, &[("__name__", name), job, ("instance", "a:1")]].concat();
    let samples = (0..ROUNDS).zip(0_i64..).filter(|(round, _)| life(*round));
    let samples = samples.map(|(round, step)| Sample {
        at: START + step * INTERVAL,
        value: value(round),
    });
    all.push(Samples {
        labels: all_labels.into_iter().collect::<Labels>(),
        samples: samples.collect(),
    });
}

/// Up and down between 0 and 10.
fn wave(round: usize) -> f64 {
    (count(round) * 0.7).sin() * 5.0 + 5.0
}

/// Between 0 and 1.
fn part(round: usize) -> f64 {
    wave(round) / 10.0
}
