use std::time::Duration;

use crate::env::{Variable, Variables};

/// The sizes of the queue and of a batch, and how long a batch is collected and retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most items that may be queued.
    pub(crate) queue: usize,
    /// Most items that are sent at once.
    pub(crate) batch: usize,
    /// Longest wait of an item for a batch to become full.
    pub(crate) delay: Duration,
    /// Longest time that one batch is retried, without the waits that the collector asked for. The
    /// batches behind it wait meanwhile.
    pub(crate) retry: Duration,
}

impl Limits {
    /// Reads `OTEL_BSP_*`, the limits of spans.
    ///
    /// The specification waits 5 s for a batch; half a second lets a person who made a call see
    /// its trace at once, and costs two small requests a second. It gives a batch up after 30 s;
    /// here it is retried for five minutes, as the OpenTelemetry collector does.
    pub(crate) fn of_spans(variables: &Variables) -> Self {
        Self::read("OTEL_BSP", variables)
    }

    /// Reads `OTEL_BLRP_*`, the limits of log records.
    pub(crate) fn of_logs(variables: &Variables) -> Self {
        Self::read("OTEL_BLRP", variables)
    }

    fn read(prefix: &str, variables: &Variables) -> Self {
        let name = |option: &str| [format!("{prefix}_{option}")];
        let queue = variables.read(&name("MAX_QUEUE_SIZE"), Variable::count);
        let queue = queue.unwrap_or(8192);
        let batch = variables.read(&name("MAX_EXPORT_BATCH_SIZE"), |variable| {
            let expected = "a number that is not above the queue size";
            let batch = variable.count()?;
            (batch <= queue)
                .then_some(batch)
                .ok_or_else(|| variable.refuse(expected))
        });
        let delay = variables.read(&name("SCHEDULE_DELAY"), Variable::milliseconds);
        let retry = variables.read(&name("EXPORT_TIMEOUT"), Variable::timeout);
        Self {
            queue,
            batch: batch.unwrap_or(queue.min(512)),
            delay: delay.unwrap_or(Duration::from_millis(500)),
            retry: retry.unwrap_or(Duration::from_secs(5 * 60)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Limits = Limits {
        queue: 8192,
        batch: 512,
        delay: Duration::from_millis(500),
        retry: Duration::from_secs(5 * 60),
    };

    #[test]
    fn limits_follow_the_variables_and_a_batch_fits_the_queue() {
        assert_eq!(Limits::of_spans(&Variables::of(&[])), DEFAULT);
        let small = Variables::of(&[
            ("OTEL_BLRP_MAX_QUEUE_SIZE", "64"),
            ("OTEL_BLRP_EXPORT_TIMEOUT", "1500"),
        ]);
        let expected = Limits {
            queue: 64,
            batch: 64,
            retry: Duration::from_millis(1500),
            ..DEFAULT
        };
        assert_eq!(Limits::of_logs(&small), expected);
    }

    #[test]
    fn value_that_is_not_understood_is_warned_of_and_ignored() {
        let queue = "OTEL_BSP_MAX_QUEUE_SIZE";
        let cases = [
            (queue, "0"),
            (queue, "-1"),
            (queue, "many"),
            (queue, "1.5"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8193"),
            ("OTEL_BSP_SCHEDULE_DELAY", "5s"),
            ("OTEL_BSP_EXPORT_TIMEOUT", "-1"),
        ];
        for case in cases {
            let variables = Variables::of(&[case]);
            assert_eq!(Limits::of_spans(&variables), DEFAULT, "{case:?}");
            let warnings = variables.take_warnings().join("\n");
            assert!(
                warnings.starts_with(case.0) && warnings.contains(case.1),
                "{warnings}"
            );
        }
    }
}
