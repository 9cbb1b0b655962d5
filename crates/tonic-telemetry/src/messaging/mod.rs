//! PRODUCER and CONSUMER spans for messages that wait between two services.
//!
//! ```text
//!  trace of a call                a trace of its own           a trace of its own
//!  SERVER CreateUser              CLIENT send user-events      CONSUMER process user-events
//!  └ PRODUCER create user-events ◄── link ──┘ └ … the call        └── link ──► PRODUCER create …
//! ```
//!
//! Nobody waits for the later work, so it is in traces of its own: a parent would make the bar of a
//! call as long as its messages wait, and a batch cannot have a hundred parents.

mod headers;
#[cfg(test)]
mod tests;

pub use headers::MessageHeaders;

use std::borrow::Cow;

use opentelemetry::trace::{SpanBuilder, SpanKind, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

use crate::conventions::{
    MESSAGING_BATCH_MESSAGE_COUNT, MESSAGING_DESTINATION_NAME, MESSAGING_MESSAGE_ID,
    MESSAGING_OPERATION_NAME, MESSAGING_OPERATION_TYPE, MESSAGING_SYSTEM,
};
use crate::open_span::OpenSpan;
use crate::propagation::{baggage_of, link_to};
use crate::{Propagator, Telemetry};

/// Makes the spans of the messages of one destination.
///
/// Spec: [messaging spans][spec], semantic conventions v1.44.0.
///
/// [spec]: https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/messaging/messaging-spans.md
#[derive(Clone, Debug)]
pub struct MessagingSpans {
    tracer: SdkTracer,
    propagator: Propagator,
    system: &'static str,
    destination: Cow<'static, str>,
}

impl MessagingSpans {
    /// Spans for messages to this destination of this messaging system, as `user-events`, `kafka`.
    #[must_use]
    pub fn new(
        telemetry: &Telemetry,
        system: &'static str,
        destination: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            tracer: telemetry.tracer().clone(),
            propagator: telemetry.propagator().clone(),
            system,
            destination: destination.into(),
        }
    }

    /// A message is made: a PRODUCER span below the current span. Its headers go with the message.
    pub fn create(&self, id: &str) -> MessageSpan {
        let id = KeyValue::new(MESSAGING_MESSAGE_ID, id.to_owned());
        let builder = self.builder("create", SpanKind::Producer, vec![id]);
        let span = self.tracer.build(builder);
        self.open(Context::current_with_span(span))
    }

    /// Messages are sent: a CLIENT span at the root of a trace, with a link to where each was made.
    pub fn send<'a>(
        &self,
        batch: impl ExactSizeIterator<Item = &'a MessageHeaders>,
    ) -> MessageSpan {
        self.batch("send", batch, Vec::new())
    }

    /// Messages are taken from where they wait: a CLIENT span at the root of a trace, with a link to
    /// where each was made. `further` attributes say where they waited, such as the partition.
    pub fn receive<'a>(
        &self,
        batch: impl ExactSizeIterator<Item = &'a MessageHeaders>,
        further: Vec<KeyValue>,
    ) -> MessageSpan {
        self.batch("receive", batch, further)
    }

    fn batch<'a>(
        &self,
        operation: &'static str,
        batch: impl ExactSizeIterator<Item = &'a MessageHeaders>,
        mut further: Vec<KeyValue>,
    ) -> MessageSpan {
        let size = i64::try_from(batch.len()).unwrap_or(i64::MAX);
        further.push(KeyValue::new(MESSAGING_BATCH_MESSAGE_COUNT, size));
        let links = batch.filter_map(|headers| link_to(&self.sender(headers)));
        let builder = self
            .builder(operation, SpanKind::Client, further)
            .with_links(links.collect());
        let root = Context::new();
        let span = self.tracer.build_with_context(builder, &root);
        self.open(root.with_span(span))
    }

    /// A message is handled: a CONSUMER span at the root of a trace, with a link to where the
    /// message was made. The baggage of the message is that of the work; `further` attributes say
    /// which attempt it is, or where the message waited.
    pub fn process(
        &self,
        id: &str,
        headers: &MessageHeaders,
        mut further: Vec<KeyValue>,
    ) -> MessageSpan {
        let sender = self.sender(headers);
        further.push(KeyValue::new(MESSAGING_MESSAGE_ID, id.to_owned()));
        let builder = self
            .builder("process", SpanKind::Consumer, further)
            .with_links(link_to(&sender).into_iter().collect());
        let root = baggage_of(&sender);
        let span = self.tracer.build_with_context(builder, &root);
        self.open(root.with_span(span))
    }

    fn builder(
        &self,
        operation: &'static str,
        kind: SpanKind,
        further: Vec<KeyValue>,
    ) -> SpanBuilder {
        let mut attributes = vec![
            KeyValue::new(MESSAGING_SYSTEM, self.system),
            KeyValue::new(MESSAGING_DESTINATION_NAME, self.destination.clone()),
            KeyValue::new(MESSAGING_OPERATION_NAME, operation),
            KeyValue::new(MESSAGING_OPERATION_TYPE, operation),
        ];
        attributes.extend(further);
        self.tracer
            .span_builder(format!("{operation} {}", self.destination))
            .with_kind(kind)
            .with_attributes(attributes)
    }

    fn sender(&self, headers: &MessageHeaders) -> Context {
        self.propagator
            .extract_with_context(&Context::new(), headers)
    }

    fn open(&self, cx: Context) -> MessageSpan {
        MessageSpan {
            propagator: self.propagator.clone(),
            open: OpenSpan::new(cx),
        }
    }
}

/// An open span of a message, or of a batch.
#[derive(Debug)]
#[must_use = "the span ends when it is dropped"]
pub struct MessageSpan {
    propagator: Propagator,
    open: OpenSpan,
}

impl MessageSpan {
    /// What a message takes along, so that whoever handles it can link to this span.
    #[must_use]
    pub fn headers(&self) -> MessageHeaders {
        let mut headers = MessageHeaders::default();
        self.propagator.inject_context(&self.open.cx, &mut headers);
        headers
    }

    /// Runs the work within the span, which ends with the work or when the work is dropped.
    ///
    /// `error_type` names the kind of an error: one of few values, as for
    /// [`error.type`](crate::conventions::ERROR_TYPE).
    ///
    /// # Errors
    ///
    /// The error of the work, unchanged.
    pub async fn run<T, E>(
        self,
        work: impl Future<Output = Result<T, E>>,
        error_type: impl FnOnce(&E) -> Cow<'static, str>,
    ) -> Result<T, E> {
        let fail = |open: &OpenSpan, error: &E| open.fail(error_type(error));
        self.open.run(work, fail).await
    }
}
