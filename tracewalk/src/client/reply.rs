use tonic::metadata::MetadataMap;

/// The trace of a call, by the metadata that came with its answer; `None` when there is none.
pub(crate) fn trace_id(metadata: &MetadataMap) -> Option<String> {
    let id = metadata.get("x-trace-id")?.to_str().ok()?;
    is_trace_id(id).then(|| id.to_owned())
}

/// Whether the spans of a call are exported, by the flags in `traceresponse`; yes when there is none.
///
/// Spec: [Trace Context, sampled flag](https://www.w3.org/TR/trace-context-2/#sampled-flag).
pub(crate) fn is_sampled(metadata: &MetadataMap) -> bool {
    let flags = metadata
        .get("traceresponse")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.rsplit('-').next())
        .and_then(|flags| u8::from_str_radix(flags, 16).ok());
    flags.is_none_or(|flags| flags & 1 == 1)
}

/// Whether a text is a trace id. Any other text of a server could make a link to somewhere else.
pub(super) fn is_trace_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}
