use super::{InitError, Variables};

/// Which signals the environment leaves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Switches {
    /// Spans are recorded and exported.
    pub(super) spans: bool,
    /// Log records are exported, beside the lines on standard output.
    pub(super) logs: bool,
}

impl Switches {
    /// Reads `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER` (`otlp`, the default, or `none`) and
    /// `OTEL_LOGS_EXPORTER` (`otlp`, or by default `none`: Jaeger takes no logs).
    ///
    /// # Errors
    ///
    /// [`InitError::Variable`] where a variable is not understood.
    pub(super) fn read(variables: &Variables) -> Result<Self, InitError> {
        let disabled = variables.get(&["OTEL_SDK_DISABLED"]);
        let enabled = !disabled.map_or(Ok(false), |it| it.boolean())?;
        let exports = |name, default| match variables.get(&[name]) {
            None => Ok(default),
            Some(exporter) => Ok(exporter.one_of(&["none", "otlp"], "otlp or none")? == 1),
        };
        Ok(Self {
            spans: exports("OTEL_TRACES_EXPORTER", true)? && enabled,
            logs: exports("OTEL_LOGS_EXPORTER", false)? && enabled,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_switched_one_by_one_or_all_at_once() {
        let cases = [
            (&[][..], (true, false), "the default"),
            (
                &[("OTEL_TRACES_EXPORTER", "none")],
                (false, false),
                "no spans",
            ),
            (&[("OTEL_LOGS_EXPORTER", "otlp")], (true, true), "logs too"),
            (
                &[
                    ("OTEL_SDK_DISABLED", "True"),
                    ("OTEL_LOGS_EXPORTER", "otlp"),
                ],
                (false, false),
                "nothing at all",
            ),
        ];
        for (variables, (spans, logs), reason) in cases {
            let read = Switches::read(&Variables::of(variables)).expect(reason);
            assert_eq!(read, Switches { spans, logs }, "{reason}");
        }
        for wrong in [
            ("OTEL_SDK_DISABLED", "1"),
            ("OTEL_TRACES_EXPORTER", "zipkin"),
        ] {
            assert!(
                Switches::read(&Variables::of(&[wrong])).is_err(),
                "{wrong:?}"
            );
        }
    }
}
