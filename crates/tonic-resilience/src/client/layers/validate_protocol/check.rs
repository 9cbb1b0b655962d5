use bytes::Bytes;
use grpc_wire::{MessageError, MessageReader, status_code};
use http::HeaderMap;
use http_body::Frame;
use tonic::{
    Code, Status,
    metadata::{BinaryMetadataValue, MetadataMap},
};

/// Checks the next frame; `None` is the end without trailers.
pub(super) fn check(
    messages: &mut MessageReader,
    frame: Option<&mut Frame<Bytes>>,
) -> Result<(), Status> {
    let trailers = match frame {
        Some(frame) if frame.is_data() => {
            let data = frame.data_ref().expect("it is data");
            return messages.read(data).map_err(status_of);
        }
        Some(frame) => frame.trailers_mut(),
        None => None,
    };
    let code = trailers.and_then(|trailers| {
        drop_unreadable_details(trailers);
        status_code(trailers)
    });
    match code {
        // The server's own status says why the body ended within a message.
        Some(code) if code != Code::Ok => Ok(()),
        Some(_) => messages.end().map_err(status_of),
        None => {
            messages.end().map_err(status_of)?;
            Err(Status::unknown("the answer ended without a status"))
        }
    }
}

fn status_of(error: MessageError) -> Status {
    Status::new(error.code(), error.to_string())
}

/// Removes details that tonic cannot decode, as it would panic at them.
pub(super) fn drop_unreadable_details(headers: &mut HeaderMap) {
    let Some(details) = headers.get(Status::GRPC_STATUS_DETAILS) else {
        return;
    };
    // tonic's own decoder is only reached through a map.
    let mut map = HeaderMap::new();
    map.insert(Status::GRPC_STATUS_DETAILS, details.clone());
    let map = MetadataMap::from_headers(map);
    let details = map.get_bin(Status::GRPC_STATUS_DETAILS.as_str());
    if details.is_none_or(|details: &BinaryMetadataValue| details.to_bytes().is_err()) {
        headers.remove(Status::GRPC_STATUS_DETAILS);
    }
}
