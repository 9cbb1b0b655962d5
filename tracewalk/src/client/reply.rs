use tonic::metadata::MetadataMap;

/// The trace of a call, by the metadata that came with its answer; `None` when there is none.
pub(crate) fn trace_id(metadata: &MetadataMap) -> Option<String> {
    let id = metadata.get("x-trace-id")?.to_str().ok()?;
    is_trace_id(id).then(|| id.to_owned())
}

/// Whether a text is a trace id. Any other text of a server could make a link to somewhere else.
pub(super) fn is_trace_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}
