use super::{Variable, Variables};

/// Variables of the specification that nothing reads here.
const UNREAD: [&str; 25] = [
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_CONFIG_FILE",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
    "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
    "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
    "OTEL_EXPORTER_ZIPKIN_TIMEOUT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_LOG_LEVEL",
    "OTEL_METRICS_EXEMPLAR_FILTER",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_METRIC_EXPORT_TIMEOUT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
];

/// Variables that the SDK reads itself; it ignores a malformed value without a warning.
const OF_THE_SDK: [&str; 3] = [
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
];

/// Warns of each variable that is set and has no effect, of those and of `further` ones.
pub(crate) fn warn(variables: &Variables, further: &[&'static str]) {
    let set: Vec<_> = UNREAD
        .iter()
        .chain(further)
        .copied()
        .filter(|name| variables.get(&[name]).is_some())
        .collect();
    if !set.is_empty() {
        variables.ignore(&format_args!("not supported here: {}", set.join(", ")));
    }
    for name in OF_THE_SDK {
        variables.read(&[name], Variable::small_number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(pairs: &[(&str, &str)]) -> Vec<String> {
        let variables = Variables::of(pairs);
        warn(&variables, &[]);
        variables.take_warnings()
    }

    #[test]
    fn what_has_no_effect_is_said_once() {
        assert_eq!(warnings(&[("OTEL_LOG_LEVEL", "")]), [""; 0]);
        let set = [
            ("OTEL_LOG_LEVEL", "debug"),
            ("OTEL_CONFIG_FILE", "otel.yaml"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "many"),
        ];
        let expected = [
            "not supported here: OTEL_CONFIG_FILE, OTEL_LOG_LEVEL; ignored",
            "OTEL_SPAN_LINK_COUNT_LIMIT is `many`, expected a whole number; ignored",
        ];
        assert_eq!(warnings(&set), expected);
    }
}
