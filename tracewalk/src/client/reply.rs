use tonic::metadata::MetadataMap;

/// The trace of a call, by the metadata that came with its answer; `None` when there is none.
pub(crate) fn trace_id(metadata: &MetadataMap) -> Option<String> {
    let id = metadata.get("x-trace-id")?.to_str().ok()?;
    Some(id.to_owned())
}
