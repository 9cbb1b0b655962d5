use axum::http::{HeaderMap, HeaderName, Uri, header};
use tonic::metadata::MetadataMap;

/// The request headers that go along into the rpc.
const PASSED_IN: [HeaderName; 5] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    header::AUTHORIZATION,
    HeaderName::from_static("idempotency-key"),
];

/// The response metadata that comes out again.
const PASSED_OUT: [HeaderName; 2] = [
    HeaderName::from_static("x-trace-id"),
    HeaderName::from_static("traceresponse"),
];

/// The metadata of the rpc: the headers that mean something there, each with all its values.
pub(super) fn passed_in(headers: &HeaderMap) -> MetadataMap {
    MetadataMap::from_headers(picked(&PASSED_IN, headers))
}

/// The headers of the answer that the metadata of the rpc holds.
pub(super) fn passed_out(metadata: &MetadataMap) -> HeaderMap {
    // `MetadataMap` gives its headers only by value.
    picked(&PASSED_OUT, &metadata.clone().into_headers())
}

/// How the caller named this server: the `:authority` of the rpc.
pub(super) fn origin(headers: &HeaderMap) -> Uri {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    Uri::builder()
        .scheme("http")
        .authority(host.unwrap_or("localhost"))
        .path_and_query("/")
        .build()
        .unwrap_or_else(|_| Uri::from_static("http://localhost/"))
}

fn picked(names: &[HeaderName], headers: &HeaderMap) -> HeaderMap {
    let mut picked = HeaderMap::new();
    for name in names {
        for value in headers.get_all(name) {
            picked.append(name, value.clone());
        }
    }
    picked
}
