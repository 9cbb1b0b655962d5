use std::time::Duration;

use crate::init::{InitError, Variable, Variables};

/// How much waits, how much travels at once, and how long the rest of a batch is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most items that may be queued.
    pub(crate) queue: usize,
    /// Most items that are sent at once.
    pub(crate) batch: usize,
    /// Longest wait of an item for a batch to become full.
    pub(crate) delay: Duration,
}

impl Limits {
    /// Reads `OTEL_BSP_*`, the limits of spans.
    ///
    /// The specification waits 5 s for a batch; half a second lets a person who made a call see
    /// its trace at once, and costs two small requests a second.
    ///
    /// # Errors
    ///
    /// [`InitError::Variable`] where a value is no number, is zero, or a batch exceeds the queue.
    pub(crate) fn of_spans(variables: &Variables) -> Result<Self, InitError> {
        let queue = variables.get(&["OTEL_BSP_MAX_QUEUE_SIZE"]);
        let batch = variables.get(&["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"]);
        let delay = variables.get(&["OTEL_BSP_SCHEDULE_DELAY"]);
        Self::read(queue.as_ref(), batch.as_ref(), delay.as_ref())
    }

    /// Reads `OTEL_BLRP_*`, the limits of log records.
    ///
    /// # Errors
    ///
    /// As [`of_spans`](Self::of_spans).
    pub(crate) fn of_logs(variables: &Variables) -> Result<Self, InitError> {
        let queue = variables.get(&["OTEL_BLRP_MAX_QUEUE_SIZE"]);
        let batch = variables.get(&["OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"]);
        let delay = variables.get(&["OTEL_BLRP_SCHEDULE_DELAY"]);
        Self::read(queue.as_ref(), batch.as_ref(), delay.as_ref())
    }

    fn read(
        queue: Option<&Variable>,
        batch: Option<&Variable>,
        delay: Option<&Variable>,
    ) -> Result<Self, InitError> {
        let queue = queue.map_or(Ok(8192), Variable::count)?;
        let size = batch.map_or(Ok(queue.min(512)), Variable::count)?;
        if let Some(batch) = batch.filter(|_| size > queue) {
            return Err(batch.refuse("a number that is not above the queue size"));
        }
        let delay = delay.map_or(Ok(Duration::from_millis(500)), Variable::milliseconds)?;
        Ok(Self {
            queue,
            batch: size,
            delay,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_the_variables_and_a_batch_fits_the_queue() {
        let read = |pairs| Limits::of_spans(&Variables::of(pairs));
        let default = Limits {
            queue: 8192,
            batch: 512,
            delay: Duration::from_millis(500),
        };
        assert_eq!(read(&[]).unwrap(), default);

        let small = read(&[("OTEL_BSP_MAX_QUEUE_SIZE", "64")]).unwrap();
        assert_eq!((small.queue, small.batch), (64, 64));

        let both = [
            ("OTEL_BSP_MAX_QUEUE_SIZE", "64"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "65"),
        ];
        assert!(
            read(&both)
                .unwrap_err()
                .to_string()
                .contains("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")
        );
    }

    #[test]
    fn nonsense_is_an_error_and_not_a_default() {
        for value in ["0", "-1", "many", "1.5"] {
            let variables = [("OTEL_BSP_MAX_QUEUE_SIZE", value)];
            let error = Limits::of_spans(&Variables::of(&variables))
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("OTEL_BSP_MAX_QUEUE_SIZE") && error.contains(value),
                "{error}"
            );
        }
    }
}
