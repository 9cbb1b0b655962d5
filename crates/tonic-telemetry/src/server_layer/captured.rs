//! Request metadata as span attributes.

use http::{HeaderMap, HeaderName};
use opentelemetry::{Array, Key, KeyValue, StringValue, Value};

/// The longest value that is captured, in bytes; what is longer is left out.
const MAX_VALUE_BYTES: usize = 256;

/// The most values of one key that are captured.
const MAX_VALUES: usize = 4;

/// One key of request metadata, and the attribute with its values.
#[derive(Clone, Debug)]
pub(super) struct Captured {
    header: HeaderName,
    attribute: Key,
    keep: fn(&str) -> bool,
}

impl Captured {
    /// Values are left out that `keep` refuses.
    pub(super) fn new(header: HeaderName, keep: fn(&str) -> bool) -> Self {
        Self {
            attribute: format!("rpc.request.metadata.{header}").into(),
            header,
            keep,
        }
    }

    /// The attribute; `None` where the request has no text under this key.
    pub(super) fn attribute(&self, headers: &HeaderMap) -> Option<KeyValue> {
        let values = headers.get_all(&self.header).iter();
        let texts = values.filter_map(|value| value.to_str().ok());
        let texts: Vec<StringValue> = texts
            .filter(|text| text.len() <= MAX_VALUE_BYTES && (self.keep)(text))
            .take(MAX_VALUES)
            .map(|text| text.to_owned().into())
            .collect();
        (!texts.is_empty()).then(|| {
            let value = Value::Array(Array::String(texts));
            KeyValue::new(self.attribute.clone(), value)
        })
    }
}
