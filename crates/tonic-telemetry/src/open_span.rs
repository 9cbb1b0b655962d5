use std::borrow::Cow;

use opentelemetry::trace::{FutureExt as _, Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};

use crate::conventions::ERROR_TYPE;

/// A span around some work, which ends with the work or when the work is dropped.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    pub(crate) cx: Context,
    answered: bool,
}

impl OpenSpan {
    /// The context has the span.
    pub(crate) fn new(cx: Context) -> Self {
        Self {
            cx,
            answered: false,
        }
    }

    /// Runs the work within the span; `fail` says on the span what an error is.
    pub(crate) async fn run<T, E>(
        mut self,
        work: impl Future<Output = Result<T, E>>,
        fail: impl FnOnce(&Self, &E),
    ) -> Result<T, E> {
        let result = work.with_context(self.cx.clone()).await;
        self.answered = true;
        if let Err(error) = &result {
            fail(&self, error);
        }
        result
    }

    /// Ends the span of work that is done.
    pub(crate) fn answered(mut self) {
        self.answered = true;
    }

    /// Marks the span as failed.
    pub(crate) fn fail(&self, error_type: Cow<'static, str>) {
        let span = self.cx.span();
        span.set_attribute(KeyValue::new(ERROR_TYPE, error_type));
        span.set_status(Status::error(""));
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        if !self.answered {
            self.fail("cancelled".into());
        }
        self.cx.span().end();
    }
}
