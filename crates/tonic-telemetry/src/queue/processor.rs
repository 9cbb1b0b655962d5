use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::{Items, Ledger, Queue, Store};
use crate::secrets;

/// A queue, whatever it keeps.
pub(crate) trait AnyQueue: fmt::Debug + Send + Sync {
    /// The counts at this instant.
    fn ledger(&self) -> Ledger;

    /// Accepts nothing more.
    fn close(&self);

    /// Gives up everything that is queued.
    fn abandon(&self);
}

impl<S: Store> AnyQueue for Queue<S> {
    fn ledger(&self) -> Ledger {
        self.ledger()
    }

    fn close(&self) {
        self.close();
    }

    fn abandon(&self) {
        self.abandon();
    }
}

/// A queue that takes spans.
pub(crate) trait SpanSink: AnyQueue {
    /// Takes a span, or counts it as dropped where there is no room. Never waits.
    fn push_span(&self, span: SpanData);
}

impl SpanSink for Queue<Items<SpanData>> {
    fn push_span(&self, span: SpanData) {
        self.push(span);
    }
}

/// Puts each sampled span into the queue when it ends.
///
/// Both hooks run on the request path, so neither waits, logs or allocates beyond the queue.
#[derive(Clone, Debug)]
pub(crate) struct SpanQueue {
    queue: Arc<dyn SpanSink>,
    live: Arc<AtomicI64>,
}

impl SpanQueue {
    pub(crate) fn new(queue: Arc<dyn SpanSink>) -> Self {
        Self {
            queue,
            live: Arc::default(),
        }
    }

    /// The counts at this instant.
    pub(crate) fn ledger(&self) -> Ledger {
        let live = u64::try_from(self.live.load(Ordering::Relaxed)).unwrap_or(0);
        Ledger {
            live,
            ..self.queue.ledger()
        }
    }

    /// Gives up what is still queued, and counts it as dropped.
    pub(crate) fn abandon(&self) {
        self.queue.abandon();
    }
}

impl SpanProcessor for SpanQueue {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {
        self.live.fetch_add(1, Ordering::Relaxed);
    }

    fn on_end(&self, mut span: SpanData) {
        self.live.fetch_sub(1, Ordering::Relaxed);
        // A sampler may ask to record a span and not to export it.
        if span.span_context.is_sampled() {
            keep_last(&mut span.attributes);
            // Before the queue, so that no exporter gets a secret.
            secrets::clean(&mut span);
            self.queue.push_span(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        // `Telemetry::shutdown` flushes, and says what was lost.
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        self.queue.close();
        Ok(())
    }
}

/// Leaves one attribute for each key, with the value that was set last.
///
/// The SDK keeps them all, to be quick; a span with two values for a key is not valid OTLP.
/// Spec: [set attributes][spec].
///
/// [spec]: https://opentelemetry.io/docs/specs/otel/trace/api/#set-attributes
fn keep_last(attributes: &mut Vec<KeyValue>) {
    for place in (0..attributes.len()).rev() {
        let (before, later) = attributes.split_at(place + 1);
        let is_set_again = later.iter().any(|it| it.key == before[place].key);
        if is_set_again {
            attributes.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_that_was_set_twice_has_its_last_value() {
        let set = [("a", 1), ("b", 2), ("a", 3), ("b", 4), ("a", 5), ("c", 6)];
        let mut attributes = set.map(|(key, value)| KeyValue::new(key, value)).to_vec();
        keep_last(&mut attributes);
        let kept = [("b", 4), ("a", 5), ("c", 6)].map(|(key, value)| KeyValue::new(key, value));
        assert_eq!(attributes, kept);
    }
}
