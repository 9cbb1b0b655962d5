use opentelemetry::propagation::{Extractor, Injector};

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const BAGGAGE: &str = "baggage";

/// The W3C headers of a message: of the span that made it, and the baggage of that call. An empty
/// one is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageHeaders {
    /// `traceparent`.
    pub traceparent: String,
    /// `tracestate`.
    pub tracestate: String,
    /// `baggage`: the keys that the service lets through.
    pub baggage: String,
}

impl Injector for MessageHeaders {
    fn set(&mut self, key: &str, value: String) {
        match key {
            TRACEPARENT => self.traceparent = value,
            TRACESTATE => self.tracestate = value,
            BAGGAGE => self.baggage = value,
            _ => {}
        }
    }
}

impl Extractor for MessageHeaders {
    fn get(&self, key: &str) -> Option<&str> {
        let value = match key {
            TRACEPARENT => &self.traceparent,
            TRACESTATE => &self.tracestate,
            BAGGAGE => &self.baggage,
            _ => return None,
        };
        (!value.is_empty()).then_some(value)
    }

    fn keys(&self) -> Vec<&str> {
        let all = [TRACEPARENT, TRACESTATE, BAGGAGE];
        all.into_iter()
            .filter(|key| self.get(key).is_some())
            .collect()
    }
}
