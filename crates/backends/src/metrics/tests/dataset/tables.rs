//! Which series there are.

use super::{
    ALWAYS, ENDS, LATE, Life,
    Shape::{self, Counter, Gauge},
    WITH_GAP, part, wave,
};
use crate::metrics::number::count;

/// The upper bounds of the buckets.
pub(super) const BOUNDS: &str = "0.001 0.005 0.01 0.05 0.1 0.25 1.0 +Inf";

/// The calls that a service answers: process, service, method, calls per round, and rounds.
pub(super) const ANSWERS: [(&str, &str, &str, f64, Life); 7] = [
    ("gateway", GATEWAY, "GetUser", 7.3, ALWAYS),
    ("gateway", GATEWAY, "CreateUser", 2.1, LATE),
    ("user", USER, "GetUser", 7.1, ALWAYS),
    ("user", "grpc.health.v1.Health", "Check", 1.0, ALWAYS),
    ("profile", PROFILE, "GetProfile", 6.9, WITH_GAP),
    ("profile", PROFILE, "PutProfile", 2.0, ENDS),
    ("profile", PROFILE, "WatchProfile", 1.1, ALWAYS),
];

const GATEWAY: &str = "tracewalk.gateway.v1.GatewayService";
const USER: &str = "tracewalk.user.v1.UserService";
const PROFILE: &str = "tracewalk.profile.v1.ProfileService";

/// The calls that a service makes: the caller, the service, the method, and calls per round.
pub(super) const CALLS: [(&str, &str, &str, f64); 2] = [
    ("gateway", USER, "GetUser", 7.2),
    ("user", PROFILE, "GetProfile", 7.0),
];

/// How calls end, and the share of the calls that end so.
pub(super) const CODES: [(&str, f64); 6] = [
    ("OK", 1.0),
    ("NOT_FOUND", 0.11),
    ("UNAVAILABLE", 0.07),
    ("CANCELLED", 0.03),
    ("DEADLINE_EXCEEDED", 0.02),
    ("RESOURCE_EXHAUSTED", 0.05),
];

/// The series that each service has: the name, one label, and the values.
pub(super) const OF_EACH: [(&str, &str, Shape); 26] = [
    ("up", "", Gauge(|round| f64::from(round % 50 != 7))),
    ("service_name:instances:expected", "", Gauge(|_| 1.0)),
    ("scrape_duration_seconds", "", Gauge(part)),
    ("scrape_samples_scraped", "", Gauge(|_| 400.0)),
    ("process_cpu_seconds_total", "", Counter(0.013)),
    ("process_open_fds", "", Gauge(|round| 20.0 + wave(round))),
    (
        "process_resident_memory_bytes",
        "",
        Gauge(|round| 1e7 + count(round)),
    ),
    (
        "circuit_breaker_state",
        "target=next",
        Gauge(|round| count(round / 40 % 3)),
    ),
    (
        "circuit_breaker_transitions_total",
        "to=open",
        Counter(0.05),
    ),
    (
        "grpc_client_retries_total",
        "reason=UNAVAILABLE",
        Counter(0.4),
    ),
    (
        "grpc_client_retry_budget_exhausted_total",
        "target=next",
        Counter(0.1),
    ),
    ("otel_sdk_span_started_total", "", Counter(30.0)),
    ("otel_sdk_exporter_span_exported_total", "", Counter(29.0)),
    (
        "otel_sdk_exporter_span_exported_total",
        "error_type=refused",
        Counter(0.9),
    ),
    (
        "otel_sdk_processor_span_processed_total",
        "error_type=queue_full",
        Counter(0.7),
    ),
    ("otel_sdk_processor_span_queue_size", "", Gauge(wave)),
    (
        "otel_sdk_processor_span_queue_capacity",
        "",
        Gauge(|_| 8192.0),
    ),
    (
        "tls_cert_not_after_timestamp_seconds",
        "role=leaf",
        Gauge(|_| 1.700_5e9),
    ),
    (
        "registry_registered",
        "",
        Gauge(|round| count(round / 20 % 2)),
    ),
    (
        "registry_watching",
        "target=next",
        Gauge(|round| count(round / 30 % 2)),
    ),
    ("outbox_events", "", Gauge(|round| count(round % 9))),
    (
        "outbox_oldest_event_age_seconds",
        "",
        Gauge(|round| 5.0 * count(round % 11)),
    ),
    ("inbox_events", "", Gauge(|round| count(round % 7))),
    (
        "inbox_oldest_event_age_seconds",
        "",
        Gauge(|round| 5.0 * count(round % 9)),
    ),
    ("inbox_handled_events_total", "result=ok", Counter(3.0)),
    (
        "inbox_handled_events_total",
        "result=dead_letter",
        Counter(0.01),
    ),
];

/// The series that exist once.
pub(super) const OF_ALL: [(&str, &str, Shape); 15] = [
    (
        "prometheus_tsdb_exemplar_exemplars_in_storage",
        "",
        Gauge(wave),
    ),
    ("prometheus_tsdb_exemplar_max_exemplars", "", Gauge(|_| 2e4)),
    (
        "traces_span_metrics_calls_total",
        "span_kind=SPAN_KIND_SERVER",
        Counter(9.0),
    ),
    (
        "ALERTS",
        "alertname=HighLatency,alertstate=firing",
        Gauge(|_| 1.0),
    ),
    (
        "service_name:grpc_rpc_errors:ratio_rate1m",
        "service_name=user",
        Gauge(part),
    ),
    (
        "service_name_method:grpc_rpc_duration_seconds:p99_rate1m",
        "service_name=user,service=tracewalk.user.v1.UserService,method=GetUser",
        Gauge(part),
    ),
    ("slo:objective:ratio", "slo=latency", Gauge(|_| 0.99)),
    ("slo:errors:ratio_rate5m", "slo=latency", Gauge(part)),
    ("slo:errors:ratio_rate30m", "slo=latency", Gauge(part)),
    ("slo:errors:ratio_rate1h", "slo=latency", Gauge(part)),
    ("slo:errors:ratio_rate6h", "slo=latency", Gauge(part)),
    (
        "slo:burn:rate5m",
        "slo=latency",
        Gauge(|round| 2.0 * wave(round)),
    ),
    ("slo:burn:rate30m", "slo=latency", Gauge(wave)),
    (
        "slo:burn:rate1h",
        "slo=latency",
        Gauge(|round| 2.0 * wave(round)),
    ),
    ("slo:burn:rate6h", "slo=latency", Gauge(wave)),
];
