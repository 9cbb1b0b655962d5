use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt};

use super::carried::Carried;
use super::headers::Headers;
use super::traceparent::Traceparent;
use super::tracestate;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What a caller's trace context is worth.
///
/// A service behind a gateway trusts. A gateway that anybody can call may not want callers to
/// choose trace ids, or to have all their calls sampled.
/// Spec: [§5](https://www.w3.org/TR/trace-context-2/#security-considerations).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Continue the caller's trace.
    #[default]
    Continue,
    /// Begin a new trace and forget the caller's.
    Restart,
    /// Begin a new trace whose first span links to the caller's.
    Link,
}

/// What a request says about where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// The parent of the SERVER span: with the caller's span, or empty where a trace begins.
    pub context: Context,
    /// The span to link to. Only with [`Trust::Link`].
    pub link: Option<SpanContext>,
}

/// Reads and writes the headers `traceparent` and `tracestate`.
///
/// ```
/// use telemetry::propagation::W3cPropagator;
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert(
///     "traceparent",
///     http::HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03"),
/// );
/// let caller = W3cPropagator::default().extract(&headers).context;
/// W3cPropagator::default().inject(&caller, &mut headers);
/// assert_eq!(headers["traceparent"].to_str()?.len(), 55);
/// # Ok::<(), http::header::ToStrError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct W3cPropagator {
    trust: Trust,
}

impl W3cPropagator {
    /// The same propagator with another answer to what a caller's context is worth.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust }
    }

    /// Reads the headers of a request. Whatever is wrong with them, the request goes on.
    #[must_use]
    pub fn extract(&self, headers: &HeaderMap) -> Incoming {
        let incoming = Incoming::default();
        if self.trust == Trust::Restart {
            return incoming;
        }
        match (read(&incoming.context, &Headers(headers)), self.trust) {
            (Some(cx), Trust::Link) => Incoming {
                link: Some(cx.span().span_context().clone()),
                ..incoming
            },
            (Some(context), _) => Incoming {
                context,
                ..incoming
            },
            (None, _) => incoming,
        }
    }

    /// Writes the context into the headers of a request, sampled or not, in place of what is there.
    pub fn inject(&self, cx: &Context, headers: &mut HeaderMap) {
        headers.remove(&TRACEPARENT);
        headers.remove(&TRACESTATE);
        let Some((parent, list)) = write(cx) else {
            return;
        };
        // Hex digits and dashes are always a header value.
        if let Ok(parent) = HeaderValue::from_bytes(&parent) {
            headers.insert(TRACEPARENT, parent);
        }
        if let Some(list) = list.and_then(|list| HeaderValue::from_str(&list).ok()) {
            headers.insert(TRACESTATE, list);
        }
    }
}

impl TextMapPropagator for W3cPropagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        if let Some((parent, list)) = write(cx) {
            injector.set(
                TRACEPARENT.as_str(),
                String::from_utf8_lossy(&parent).into_owned(),
            );
            if let Some(list) = list {
                injector.set(TRACESTATE.as_str(), list);
            }
        }
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        read(cx, extractor).unwrap_or_else(|| cx.clone())
    }

    fn fields(&self) -> FieldIter<'_> {
        static FIELDS: std::sync::LazyLock<[String; 2]> =
            std::sync::LazyLock::new(|| [TRACEPARENT.to_string(), TRACESTATE.to_string()]);
        FieldIter::new(&*FIELDS)
    }
}

/// `None` where the trace must be restarted. A `tracestate` without a `traceparent` says nothing.
fn read(cx: &Context, extractor: &dyn Extractor) -> Option<Context> {
    let values = extractor.get_all(TRACEPARENT.as_str())?;
    // Two of them contradict each other, or a proxy lost count: neither is the truth.
    let [value] = values.as_slice() else {
        return None;
    };
    let parent = Traceparent::parse(value)?;
    let list = tracestate::join(extractor.get_all(TRACESTATE.as_str()).unwrap_or_default());
    Some(Carried::attach(cx, parent, list))
}

fn write(cx: &Context) -> Option<([u8; 55], Option<String>)> {
    let span = cx.span();
    let span_context = span.span_context();
    let parent = Traceparent {
        trace_id: span_context.trace_id(),
        parent_id: span_context.span_id(),
        flags: Carried::flags(cx, span_context),
    };
    span_context
        .is_valid()
        .then(|| (parent.format(), Carried::list(cx, span_context)))
}
