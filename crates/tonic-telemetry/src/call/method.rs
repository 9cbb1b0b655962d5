use std::sync::Arc;

use grpc_wire::Method;

use crate::metrics::Durations;

/// A method as its calls are observed, with its series, which are looked up once.
#[derive(Clone, Debug)]
pub(crate) struct ObservedMethod {
    pub(crate) method: Method,
    /// The name of its spans: its full name, or `grpc` where that is unknown.
    pub(crate) span_name: &'static str,
    /// Whether its calls make spans; they are measured either way.
    pub(crate) traced: bool,
    pub(crate) durations: Arc<Durations>,
}

impl ObservedMethod {
    pub(crate) fn new(method: &Method, durations: Arc<Durations>) -> Self {
        let registered = method.is_registered();
        Self {
            method: *method,
            span_name: if registered { method.full_name } else { "grpc" },
            traced: true,
            durations,
        }
    }

    /// The method as the spans of its attempts name it: `Attempt`, and the name of its calls.
    ///
    /// Two rows of a trace with one name would look like one too many. Leaked as all names are.
    pub(crate) fn attempt(mut self) -> Self {
        self.span_name = format!("Attempt {}", self.span_name).leak();
        self
    }
}
