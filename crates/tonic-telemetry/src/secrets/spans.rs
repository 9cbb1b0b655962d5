use std::borrow::Cow;

use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    trace::{SpanContext, Status, TraceState},
};
use opentelemetry_sdk::trace::SpanData;

use super::{HIDDEN, hide, is_secret};
use crate::conventions::{
    DB_QUERY_TEXT, NETWORK_PEER_ADDRESS, NETWORK_PEER_PORT, RPC_METHOD, RPC_RESPONSE_STATUS_CODE,
    RPC_SYSTEM_NAME, SERVER_ADDRESS, SERVER_PORT,
};

/// Hides every secret in a span that has ended, wherever it may stand.
///
/// A statement stays as it is: it is a constant of the program, and a `WHERE email = $1` is no secret.
pub(crate) fn clean(span: &mut SpanData) {
    clean_name(&mut span.name);
    clean_attributes(&mut span.attributes);
    for event in &mut span.events.events {
        clean_name(&mut event.name);
        clean_attributes(&mut event.attributes);
    }
    for link in &mut span.links.links {
        clean_attributes(&mut link.attributes);
        clean_context(&mut link.span_context);
    }
    if let Status::Error { description } = &mut span.status
        && let Some(clean) = hidden(description)
    {
        *description = clean.into();
    }
    clean_context(&mut span.span_context);
}

fn clean_attributes(attributes: &mut [KeyValue]) {
    for attribute in attributes {
        match attribute.key.as_str() {
            DB_QUERY_TEXT => continue,
            // Most attributes are of the RPC conventions, whose names are no secrets.
            RPC_SYSTEM_NAME
            | RPC_METHOD
            | RPC_RESPONSE_STATUS_CODE
            | SERVER_ADDRESS
            | SERVER_PORT
            | NETWORK_PEER_ADDRESS
            | NETWORK_PEER_PORT => {}
            key if is_secret(key) => {
                attribute.value = HIDDEN.into();
                continue;
            }
            _ => {}
        }
        match &mut attribute.value {
            Value::String(text) => clean_text(text),
            Value::Array(Array::String(texts)) => texts.iter_mut().for_each(clean_text),
            _ => {}
        }
    }
}

/// A name that is a constant of the program holds no secret.
fn clean_name(name: &mut Cow<'static, str>) {
    if let Cow::Owned(text) = name
        && let Some(clean) = hidden(text)
    {
        *name = clean.into();
    }
}

fn clean_text(text: &mut StringValue) {
    if let Some(clean) = hidden(text.as_str()) {
        *text = clean.into();
    }
}

/// `tracestate` is passed on as it came, and recorded without the entries that hold a secret.
fn clean_context(context: &mut SpanContext) {
    let header = context.trace_state().header();
    // A key may name a tenant with an `@`, so only the values are checked.
    let entries = header.split(',').filter_map(|entry| entry.split_once('='));
    let clean = |(_, value): &(&str, &str)| hidden(value).is_none();
    if entries.clone().all(|entry| clean(&entry)) {
        return;
    }
    let kept = TraceState::from_key_value(entries.filter(clean)).unwrap_or_default();
    *context = SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags(),
        context.is_remote(),
        kept,
    );
}

/// The text without its secrets; `None` where it has none.
fn hidden(text: &str) -> Option<String> {
    match hide(text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(clean) => Some(clean),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        KeyValue, StringValue, Value,
        trace::{
            Event, Link, Span as _, SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState,
            Tracer as _, TracerProvider as _,
        },
    };
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

    use super::clean;

    const EMAIL: &str = "ada@example.org";

    fn context() -> SpanContext {
        let state = [("tenant@vendor", "1"), ("other", "token:canary")];
        SpanContext::new(
            TraceId::from_bytes([1; 16]),
            SpanId::from_bytes([1; 8]),
            TraceFlags::SAMPLED,
            true,
            TraceState::from_key_value(state).unwrap(),
        )
    }

    /// A span with a secret wherever a text may stand.
    fn span() -> SpanData {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let tracer = provider.tracer("test");
        let attributes = || {
            vec![
                KeyValue::new("text", format!("to {EMAIL}")),
                KeyValue::new("http.request.header.cookie", "canary"),
                KeyValue::new("list", Value::Array(vec![StringValue::from(EMAIL)].into())),
            ]
        };
        let builder = tracer.span_builder(format!("find {EMAIL}"));
        let link = Link::new(context(), attributes(), 0);
        let builder = builder.with_attributes(attributes()).with_links(vec![link]);
        let mut span = builder.start(&tracer);
        span.add_event(format!("asked {EMAIL}"), attributes());
        span.set_attribute(KeyValue::new("db.query.text", "WHERE email = $1"));
        span.set_status(Status::error(format!("no user {EMAIL}")));
        span.end();
        let mut spans = exporter.get_finished_spans().unwrap();
        let mut span = spans.remove(0);
        span.span_context = context();
        span
    }

    #[test]
    fn nothing_of_a_span_keeps_a_secret() {
        let mut span = span();
        clean(&mut span);

        let shown = format!("{span:?}");
        assert!(
            !shown.contains(EMAIL) && !shown.contains("canary"),
            "{shown}"
        );
        assert_eq!(span.name, "find [hidden]");
        assert_eq!(span.status, Status::error("no user [hidden]"));
        assert_eq!(span.span_context.trace_state().header(), "tenant@vendor=1");
        let Event { name, .. } = &span.events.events[0];
        assert_eq!(name, "asked [hidden]");
        let statement = span
            .attributes
            .iter()
            .find(|it| it.key.as_str() == "db.query.text");
        assert_eq!(statement.unwrap().value.as_str(), "WHERE email = $1");
    }
}
