//! Any bytes as `grpc-status` and `grpc-message`, divided by the first line feed.

#![no_main]

use grpc_wire::CallStatus;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut headers = HeaderMap::new();
    let mut values = bytes.splitn(2, |byte| *byte == b'\n');
    for name in ["grpc-status", "grpc-message"] {
        if let Some(Ok(value)) = values.next().map(HeaderValue::from_bytes) {
            headers.insert(name, value);
        }
    }
    let status = CallStatus::from_headers(&headers);
    assert_eq!(status.is_some(), headers.contains_key("grpc-status"));
});
