use super::Variables;

/// Which signals the environment leaves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switches {
    /// Spans are recorded and exported.
    pub(crate) spans: bool,
    /// Log records are exported, beside the lines on standard output.
    pub(crate) logs: bool,
}

impl Switches {
    /// Reads `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER` (`otlp`, the default, or `none`) and
    /// `OTEL_LOGS_EXPORTER` (`otlp`, or by default `none`: a collector may have nowhere to put them).
    pub(crate) fn read(variables: &Variables) -> Self {
        let enabled = !variables.flag(&["OTEL_SDK_DISABLED"]);
        let exports = |name, default| {
            let exporters = variables.list(name, &["none", "otlp"], "otlp or none");
            exporters.map_or(default, |exporters| exporters.contains(&1))
        };
        Self {
            spans: exports("OTEL_TRACES_EXPORTER", true) && enabled,
            logs: exports("OTEL_LOGS_EXPORTER", false) && enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_switched_one_by_one_or_all_at_once() {
        let traces = |value| ("OTEL_TRACES_EXPORTER", value);
        let logs = |value| ("OTEL_LOGS_EXPORTER", value);
        let disabled = |value| ("OTEL_SDK_DISABLED", value);
        let cases = [
            (vec![], (true, false), 0, "the default"),
            (vec![traces("none")], (false, false), 0, "no spans"),
            (vec![logs("OTLP")], (true, true), 0, "logs too"),
            (vec![traces("console")], (true, false), 1, "not here"),
            (
                vec![logs("otlp, console")],
                (true, true),
                1,
                "one is not here",
            ),
            (vec![disabled("1")], (true, false), 1, "not `true`"),
            (
                vec![disabled("True"), logs("otlp")],
                (false, false),
                0,
                "nothing at all",
            ),
        ];
        for (variables, (spans, logs), warnings, reason) in cases {
            let variables = Variables::of(&variables);
            let read = Switches::read(&variables);
            assert_eq!(read, Switches { spans, logs }, "{reason}");
            assert_eq!(variables.take_warnings().len(), warnings, "{reason}");
        }
    }
}
