use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};

use super::{InitError, Variables};
use crate::propagation::{BaggagePropagator, W3cPropagator};

/// Which headers carry a context, of those that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Propagators {
    context: bool,
    baggage: bool,
}

impl Propagators {
    /// Reads `OTEL_PROPAGATORS`, by default `tracecontext,baggage`.
    ///
    /// # Errors
    ///
    /// [`InitError::Variable`] where a propagator is named that is not here, such as `b3`: left
    /// out silently, it would cut every trace.
    pub(super) fn read(variables: &Variables) -> Result<Self, InitError> {
        let Some(variable) = variables.get(&["OTEL_PROPAGATORS"]) else {
            return Ok(Self {
                context: true,
                baggage: true,
            });
        };
        let mut read = Self {
            context: false,
            baggage: false,
        };
        for name in variable.value.split(',').map(str::trim) {
            match name {
                "tracecontext" => read.context = true,
                "baggage" => read.baggage = true,
                "none" => {}
                _ => return Err(variable.refuse("tracecontext, baggage or none")),
            }
        }
        Ok(read)
    }

    /// All of them as one. Without `spans`, the caller's context goes on untouched.
    pub(super) fn compose(self, spans: bool, baggage: &[String]) -> TextMapCompositePropagator {
        let context: Box<dyn TextMapPropagator + Send + Sync> = if spans {
            Box::new(W3cPropagator::default())
        } else {
            Box::new(W3cPropagator::pass_through())
        };
        let context = self.context.then_some(context);
        let baggage = self
            .baggage
            .then(|| Box::new(BaggagePropagator::new(baggage)) as _);
        TextMapCompositePropagator::new(context.into_iter().chain(baggage).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: &str) -> Vec<String> {
        let variables = Variables::of(&[("OTEL_PROPAGATORS", value)]);
        let composed = Propagators::read(&variables).unwrap().compose(true, &[]);
        let mut fields: Vec<String> = composed.fields().map(str::to_owned).collect();
        fields.sort();
        fields
    }

    #[test]
    fn headers_are_those_of_the_named_propagators() {
        assert_eq!(fields(""), ["baggage", "traceparent", "tracestate"]);
        assert_eq!(fields("tracecontext"), ["traceparent", "tracestate"]);
        assert_eq!(fields("baggage , none"), ["baggage"]);
        assert_eq!(fields("none"), [""; 0]);
    }

    #[test]
    fn propagator_that_is_not_here_is_an_error() {
        let error = Propagators::read(&Variables::of(&[("OTEL_PROPAGATORS", "tracecontext,b3")]));
        assert!(
            error
                .unwrap_err()
                .to_string()
                .starts_with("OTEL_PROPAGATORS is")
        );
    }
}
