//! The body of an export: read and unpacked, within its limit.

use std::io::Read as _;

use axum::body::{Body, Bytes};
use flate2::read::GzDecoder;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use super::refusal::Refusal;
use crate::traces::otlp::endpoint::{MAX_DISCARD_TIME, MAX_EXPORT_BYTES, discard};

pub(super) async fn read(mut body: Body) -> Result<Bytes, Refusal> {
    match Limited::new(&mut body, MAX_EXPORT_BYTES).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            drain(body).await;
            Err(Refusal::TooLarge)
        }
        Err(error) => Err(Refusal::Malformed(error.to_string())),
    }
}

/// A client may read the answer only after it has sent the whole request.
pub(super) async fn drain(body: Body) {
    // Whether the rest comes or not does not change the answer.
    let _ = timeout(MAX_DISCARD_TIME, discard(body)).await;
}

pub(super) fn unpack(encoding: &str, body: Bytes) -> Result<Bytes, Refusal> {
    match encoding.to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body),
        "gzip" => {
            let mut unpacked = Vec::new();
            let limit = MAX_EXPORT_BYTES as u64 + 1;
            let read = GzDecoder::new(&body[..])
                .take(limit)
                .read_to_end(&mut unpacked);
            let length = read.map_err(|error| Refusal::Malformed(format!("gzip: {error}")))?;
            if length > MAX_EXPORT_BYTES {
                return Err(Refusal::TooLarge);
            }
            Ok(unpacked.into())
        }
        _ => Err(Refusal::Encoding(encoding.to_owned())),
    }
}
