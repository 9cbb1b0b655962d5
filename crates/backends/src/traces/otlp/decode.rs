//! From OTLP messages to spans of the store.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    common::v1::InstrumentationScope,
    resource::v1::Resource as OtlpResource,
    trace::v1::{ResourceSpans, Span as OtlpSpan, span, status::StatusCode},
};
use prost::Message;

use super::value::{tag, tags, text_of};
use crate::{
    intern::Texts,
    traces::{
        model::{BadId, Event, Link, Resource, Scope, Span, SpanId, SpanKind, Status, TraceId},
        store::{InsertOutcome, TraceStore},
    },
};

/// What the SDKs call a service that has no name.
const UNKNOWN_SERVICE: &str = "unknown_service";

/// Keeps the spans of one export, and says which could not be kept.
pub(crate) fn insert(store: &TraceStore, batch: Vec<ResourceSpans>) -> InsertOutcome {
    store.insert(|texts, found| each_span(batch, texts, found))
}

/// Calls `found` with every span of the batch, or with what is wrong with it.
fn each_span(
    batch: Vec<ResourceSpans>,
    texts: &mut Texts,
    found: &mut dyn FnMut(Result<Span, BadId>),
) {
    for of_resource in batch {
        let resource = of_resource.resource.unwrap_or_default();
        let spans: usize = of_resource
            .scope_spans
            .iter()
            .map(|of| of.spans.len())
            .sum();
        let share = resource.encoded_len() / spans.max(1);
        let resource = Arc::new(read_resource(&resource, texts));
        for of_scope in of_resource.scope_spans {
            let scope = Arc::new(read_scope(&of_scope.scope.unwrap_or_default(), texts));
            for span in &of_scope.spans {
                let span = read_span(span, &resource, &scope, texts).map(|mut span| {
                    span.weight += share;
                    span
                });
                found(span);
            }
        }
    }
}

fn read_span(
    span: &OtlpSpan,
    resource: &Arc<Resource>,
    scope: &Arc<Scope>,
    texts: &mut Texts,
) -> Result<Span, BadId> {
    Ok(Span {
        trace_id: TraceId::try_from(&span.trace_id[..])?,
        id: SpanId::try_from(&span.span_id[..])?,
        parent: read_parent(&span.parent_span_id)?,
        name: texts.share(&span.name),
        kind: SpanKind::from_number(span.kind),
        start: match span.start_time_unix_nano {
            0 => span.end_time_unix_nano,
            start => start,
        },
        has_start: span.start_time_unix_nano > 0,
        end: span.end_time_unix_nano,
        tags: tags(&span.attributes, texts),
        events: span
            .events
            .iter()
            .map(|event| read_event(event, texts))
            .collect(),
        links: span.links.iter().filter_map(read_link).collect(),
        status: read_status(span, texts),
        trace_state: texts.share(&span.trace_state),
        scope: Arc::clone(scope),
        resource: Arc::clone(resource),
        weight: span.encoded_len(),
    })
}

/// A root has no parent id; some senders write zeros instead.
fn read_parent(bytes: &[u8]) -> Result<Option<SpanId>, BadId> {
    if bytes.is_empty() {
        return Ok(None);
    }
    match SpanId::try_from(bytes) {
        Ok(parent) => Ok(Some(parent)),
        Err(BadId::Zero) => Ok(None),
        Err(other) => Err(other),
    }
}

fn read_event(event: &span::Event, texts: &mut Texts) -> Event {
    Event {
        time: event.time_unix_nano,
        name: texts.share(&event.name),
        tags: tags(&event.attributes, texts),
    }
}

/// A link without valid ids is left out; its span is kept.
fn read_link(link: &span::Link) -> Option<Link> {
    Some(Link {
        trace_id: TraceId::try_from(&link.trace_id[..]).ok()?,
        span_id: SpanId::try_from(&link.span_id[..]).ok()?,
    })
}

fn read_status(span: &OtlpSpan, texts: &mut Texts) -> Status {
    let Some(status) = &span.status else {
        return Status::Unset;
    };
    match status.code() {
        StatusCode::Unset => Status::Unset,
        StatusCode::Ok => Status::Ok,
        StatusCode::Error => Status::Error(texts.share(&status.message)),
    }
}

pub(super) fn read_resource(resource: &OtlpResource, texts: &mut Texts) -> Resource {
    let mut service = None;
    let mut others = Vec::new();
    for attribute in &resource.attributes {
        match text_of(attribute, "service.name") {
            Some(name) if service.is_none() => service = Some(name),
            _ => others.push(tag(attribute, texts)),
        }
    }
    Resource {
        service: texts.share(service.unwrap_or(UNKNOWN_SERVICE)),
        tags: others.into(),
    }
}

fn read_scope(scope: &InstrumentationScope, texts: &mut Texts) -> Scope {
    Scope {
        name: texts.share(&scope.name),
        version: texts.share(&scope.version),
    }
}
