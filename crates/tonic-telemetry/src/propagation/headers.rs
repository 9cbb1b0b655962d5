use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector};

/// Request headers as a propagator reads them.
///
/// Unlike the extractor of `opentelemetry-http`, it hides no value: a value that is not text is
/// read as text that no grammar allows, so that it still counts as a duplicate and as an error.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a>(pub &'a HeaderMap);

impl Headers<'_> {
    const NO_TEXT: &'static str = "\u{fffd}";

    fn text(value: &HeaderValue) -> &str {
        value.to_str().unwrap_or(Self::NO_TEXT)
    }
}

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(header_name(key)?).map(Self::text)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values = self.0.get_all(header_name(key)?).iter();
        Some(values.map(Self::text).collect())
    }
}

/// Request headers as a propagator writes them; a field that is no header is left out.
///
/// Unlike the injector of `opentelemetry-http`, it knows the usual names and copies no value. HTTP/2 does
/// not remember a `traceparent`, which is another one for each call: its table would be searched in vain.
#[derive(Debug)]
pub struct HeadersMut<'a>(pub &'a mut HeaderMap);

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        let value = HeaderValue::from_maybe_shared(Bytes::from(value));
        if let (Some(name), Ok(mut value)) = (header_name(key), value) {
            value.set_sensitive(key == "traceparent");
            self.0.insert(name, value);
        }
    }
}

/// The name of a header; `None` where it is none.
pub(crate) fn header_name(key: &str) -> Option<HeaderName> {
    const KNOWN: [HeaderName; 3] = [
        HeaderName::from_static("traceparent"),
        HeaderName::from_static("tracestate"),
        HeaderName::from_static("baggage"),
    ];
    let known = KNOWN.iter().find(|name| name.as_str() == key).cloned();
    known.or_else(|| HeaderName::from_bytes(key.as_bytes()).ok())
}
