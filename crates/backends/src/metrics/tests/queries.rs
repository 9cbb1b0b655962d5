//! The queries of the tests: those of dashboards and rules, and some that look for mistakes.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

/// The values of the variables that a dashboard fills in.
const VARIABLES: [(&str, &str); 6] = [
    ("$__rate_interval", "1m"),
    ("$__interval", "15s"),
    ("$__range", "15m"),
    ("$service_name", ".+"),
    ("$method", ".+"),
    ("$target", ".+"),
];

/// Parts of the queries that may have no result: an alert has none while all is well, and some
/// panels show series that do not always exist.
pub(super) const MAY_BE_EMPTY: [&str; 4] = [
    "absent(up{job=\"grpc-services\"",
    "slo:burn:rate",
    "up{job!=\"grpc-services\"}",
    "scrape_duration_seconds{job=\"grpc-services\"} > 0.5",
];

/// Queries in which a small mistake of the engine would show.
#[cfg(feature = "external")]
pub(super) const EDGES: &[&str] = &[
    "1",
    "time()",
    "-2 ^ 2",
    "2 ^ 3 ^ 2",
    "1 / 0",
    "5 % 3",
    "-5 % 3",
    "1 > bool 2",
    "\"text\"",
    "up",
    "-up",
    "up == 0",
    "0 < bool up",
    "up != bool 1",
    "up offset 1m",
    "up @ 1700000600",
    "process_open_fds @ end()",
    "process_open_fds @ start() offset -1m",
    "max_over_time(process_open_fds[1m] @ end())",
    "rate(grpc_rpc_started_total[1m] offset 2m)",
    "up offset -30s",
    // A restart, a gap, a series that begins late and one that ends.
    "rate(grpc_rpc_started_total{service_name=\"user\"}[2m])",
    "increase(grpc_rpc_started_total{service_name=\"profile\"}[3m])",
    "rate(grpc_rpc_started_total{method=\"CreateUser\"}[1m])",
    "irate(grpc_rpc_started_total[1m])",
    "resets(grpc_rpc_started_total[10m])",
    "changes(up[10m])",
    "delta(process_open_fds[2m])",
    "idelta(process_open_fds[1m])",
    "deriv(process_open_fds[3m])",
    "predict_linear(process_resident_memory_bytes[5m], 600)",
    "predict_linear(process_resident_memory_bytes[5m] offset 3m, 600)",
    "avg_over_time(process_open_fds[2m])",
    "min_over_time(process_open_fds[2m])",
    "max_over_time(process_open_fds[2m])",
    "sum_over_time(process_open_fds[2m])",
    "count_over_time(process_open_fds[2m])",
    "last_over_time(process_open_fds[2m])",
    "present_over_time(process_open_fds[2m])",
    "stddev_over_time(process_open_fds[2m])",
    "stdvar_over_time(process_open_fds[2m])",
    "quantile_over_time(0.3, process_open_fds[2m])",
    "quantile_over_time(-1, process_open_fds[2m])",
    "quantile_over_time(2, process_open_fds[2m])",
    "absent(up)",
    "absent(nothing{a=\"b\", c=~\"d\"})",
    "absent_over_time(nothing{a=\"b\"}[1m])",
    "absent_over_time({__name__=~\"process_.+\"}[1m])",
    "absent(sum(nothing))",
    "absent(up{service_name=\"gateway\"} == 2)",
    "max_over_time(sum(rate(grpc_rpc_started_total[1m]))[301500ms:7s])",
    "rate(sum_over_time(process_open_fds{service_name=\"user\"}[1m])[181500ms:13s])",
    "avg_over_time(vector(1)[61500ms:7s])",
    "abs(-up)",
    "ceil(process_open_fds / 3)",
    "floor(process_open_fds / 3)",
    "round(process_open_fds / 3)",
    "round(process_open_fds, 0.3)",
    "exp(up)",
    "ln(up)",
    "log2(process_open_fds)",
    "log10(process_open_fds)",
    "sqrt(process_open_fds)",
    "sgn(-up)",
    "clamp(process_open_fds, 22, 24)",
    "clamp(process_open_fds, 24, 22)",
    "clamp_min(process_open_fds, 22)",
    "clamp_max(process_open_fds, time() % 30)",
    "scalar(up)",
    "scalar(up{service_name=\"user\"})",
    "vector(time())",
    "timestamp(up)",
    "timestamp(up + 1)",
    "sort(process_open_fds)",
    "sort_desc(process_open_fds)",
    "sum(up)",
    "avg(process_open_fds)",
    "min(process_open_fds)",
    "max(process_open_fds)",
    "count(up)",
    "group(up)",
    "stddev(process_open_fds)",
    "stdvar(process_open_fds)",
    "sum by (code, nothing) (grpc_rpc_duration_seconds_count)",
    "sum without (code, method) (grpc_rpc_duration_seconds_count)",
    "topk(3, grpc_rpc_duration_seconds_count)",
    "bottomk by (service_name) (1, grpc_rpc_started_total)",
    "topk(0, up)",
    "topk(scalar(sum(up)), process_open_fds)",
    "quantile(0.9, grpc_rpc_duration_seconds_count)",
    "quantile by (code) (0.5, grpc_rpc_duration_seconds_count)",
    "count_values(\"value\", up)",
    "count_values by (service_name) (\"value\", circuit_breaker_state)",
    "histogram_quantile(0.9, grpc_rpc_duration_seconds_bucket)",
    "histogram_quantile(0.9, rate(grpc_rpc_duration_seconds_bucket[1m]))",
    "histogram_quantile(0, sum by (le) (grpc_rpc_duration_seconds_bucket))",
    "histogram_quantile(1, sum by (le) (grpc_rpc_duration_seconds_bucket))",
    "histogram_quantile(-1, grpc_rpc_duration_seconds_bucket)",
    "histogram_quantile(2, grpc_rpc_duration_seconds_bucket)",
    "histogram_quantile(0.5, grpc_rpc_duration_seconds_bucket{le!=\"+Inf\"})",
    "histogram_quantile(0.5, up)",
    "histogram_quantile(scalar(up{service_name=\"user\"}) / 2, grpc_rpc_duration_seconds_bucket)",
    "process_open_fds / on (service_name) up",
    "process_open_fds - ignoring (nothing) up",
    "grpc_rpc_started_total / on (service_name) group_left () process_open_fds",
    "process_open_fds * on (service_name) group_right (instance) grpc_rpc_started_total",
    "circuit_breaker_state * on (service_name) group_left (role) tls_cert_not_after_timestamp_seconds",
    "up > on (service_name) process_open_fds",
    "process_open_fds > on (service_name) up",
    "process_open_fds > bool on (service_name) up",
    "process_open_fds >= process_open_fds",
    "grpc_rpc_started_total >= on (service_name) max by (service_name) (grpc_rpc_started_total)",
    "up and on (service_name) process_open_fds > 25",
    "up unless on (service_name) process_open_fds > 25",
    "up or process_open_fds",
    "up or on (service_name) process_open_fds",
    "up and nothing",
    "(up + process_open_fds) or up",
    "nothing or vector(0)",
    "label_replace(up, \"to\", \"$1-$2\", \"service_name\", \"(.)(.*)\")",
    "label_replace(up, \"to\", \"${1}x\", \"service_name\", \"(us).*\")",
    "label_replace(up, \"service_name\", \"\", \"service_name\", \"user\")",
    "label_replace(up, \"to\", \"none\", \"\", \"\")",
    "label_join(up, \"to\", \"/\", \"job\", \"nothing\", \"service_name\")",
    "{__name__=~\"process_.+\", service_name!~\"us.*\"}",
    "up{service_name=~\"us\"}",
    "up{nothing=\"\"}",
    "sum({__name__=~\"up|process_open_fds\"})",
    "up{service_name!=\"user\"} * 2",
    "count_values(\"1.x\", up)",
    "label_replace(up, \"a.b\", \"$1\", \"job\", \"(.).*\")",
    "sum(odd_sum)",
    "avg(odd_sum)",
    "sum_over_time(odd_sum[2m])",
    "avg_over_time(odd_sum[2m])",
    "stddev(odd_sum)",
    "odd_route{route=~\"/v1/users/{id}\"}",
    "odd_route{route=~\"/\\\\d\"}",
    "odd_route{route=~\"(?i)/K\"}",
    "sum by (\"label.name\") ({\"my.metric\"})",
];

/// Queries that are refused.
#[cfg(feature = "external")]
pub(super) const MISTAKES: &[&str] = &[
    "",
    "sum(",
    "foo bar",
    "up[5m",
    "up[$__range]",
    "rate(up)",
    "up[5m] + 1",
    "nothing(up)",
    "{}",
    "{a=~\".*\"}",
    "up{a=~\"(\"}",
    "1 == 1",
    "1 and up",
    "sum(up, up)",
    "topk(up)",
    "count_values(\"\", up)",
    "grpc_rpc_started_total > bool on (service_name) up",
    "up offset",
    "\"open",
    "up + on (service_name) circuit_breaker_state * 0 + grpc_rpc_started_total",
    "up * on (service_name) grpc_rpc_started_total",
    "grpc_rpc_started_total * on (service_name) up",
    "label_replace(up, \"service_name\", \"same\", \"\", \"\") + 1",
    "label_replace(up, \"service_name\", \"same\", \"\", \"\")",
    "label_replace(up, \"\", \"a\", \"b\", \"c\")",
    "label_replace(up, \"a\", \"a\", \"b\", \"(\")",
    "rate({__name__=~\"process_.+\"}[1m])",
    "bool",
    "up == bool",
    "sum by up",
    "up @ x",
    "up[0s]",
];

/// All queries of dashboards and rules.
pub(super) fn all() -> BTreeSet<String> {
    let mut queries = BTreeSet::new();
    for text in files("grafana/dashboards", "json") {
        let dashboard: Value = serde_json::from_str(&text).unwrap();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                if panel["datasource"]["uid"] == "prometheus" {
                    queries.insert(filled(target["expr"].as_str().unwrap()));
                }
            }
        }
    }
    for text in files("prometheus/rules", "yml") {
        let rules: Value = serde_norway::from_str(&text).unwrap();
        for group in rules["groups"].as_array().unwrap() {
            for rule in group["rules"].as_array().unwrap() {
                queries.insert(rule["expr"].as_str().unwrap().to_owned());
            }
        }
    }
    queries
}

fn filled(query: &str) -> String {
    let fill = |query: String, (name, value): &(&str, &str)| query.replace(name, value);
    VARIABLES.iter().fold(query.to_owned(), fill)
}

fn files(folder: &str, extension: &str) -> Vec<String> {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let paths = fs::read_dir(repository.join(folder)).unwrap();
    let paths = paths.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|it| it == extension));
    paths
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}
