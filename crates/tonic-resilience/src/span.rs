//! Notes on the span of the call, through the OpenTelemetry API.
//!
//! The layer that made the span keeps its context active while the call is polled. Without a
//! context, or without a recording span, these functions do nothing.

use opentelemetry::{Context, KeyValue, Value, trace::TraceContextExt};

/// Sets an attribute of the current span.
pub(crate) fn attribute(key: &'static str, value: impl Into<Value>) {
    Context::map_current(|context| {
        if context.has_active_span() {
            context.span().set_attribute(KeyValue::new(key, value));
        }
    });
}

/// The span of a whole call, in the extensions of the request of each attempt.
#[cfg(feature = "client")]
#[derive(Clone, Debug)]
pub(crate) struct Call(Context);

#[cfg(feature = "client")]
impl Call {
    /// The call whose span is current.
    pub(crate) fn current() -> Self {
        Self(Context::current())
    }

    /// Sets an attribute of its span.
    pub(crate) fn attribute(&self, key: &'static str, value: impl Into<Value>) {
        self.0.span().set_attribute(KeyValue::new(key, value));
    }
}

/// Adds an event to the current span.
pub(crate) fn event(name: &'static str) {
    Context::map_current(|context| context.span().add_event(name, Vec::new()));
}
