use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, Uri, header, request::Parts, uri::Authority},
};
use tonic::{Extensions, Request, metadata::MetadataMap, transport::server::TcpConnectInfo};

use crate::DEBUG_ID;

/// The request headers that are passed to the rpc as metadata.
const PASSED_IN: [HeaderName; 7] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    header::AUTHORIZATION,
    header::USER_AGENT,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static(DEBUG_ID),
];

/// The response metadata that is passed back as headers.
const PASSED_OUT: [HeaderName; 3] = [
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("x-trace-id"),
    HeaderName::from_static("traceresponse"),
];

/// What the rpc gets from the HTTP request.
pub(super) struct Caller {
    /// How the caller named this server: the `:authority` of the rpc.
    pub(super) origin: Uri,
    metadata: MetadataMap,
    /// From the connection, not from a header: anybody could write that.
    address: Option<TcpConnectInfo>,
}

impl Caller {
    /// The request of an rpc.
    pub(super) fn request<T>(self, message: T) -> Request<T> {
        let mut extensions = Extensions::new();
        if let Some(address) = self.address {
            extensions.insert(address);
        }
        Request::from_parts(self.metadata, extensions, message)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            origin: origin(parts),
            metadata: MetadataMap::from_headers(picked(&PASSED_IN, &parts.headers)),
            address: parts.extensions.get().cloned(),
        })
    }
}

/// The headers of the answer that the metadata of the rpc holds.
pub(super) fn passed_out(metadata: &MetadataMap) -> HeaderMap {
    // `MetadataMap` gives its headers only by value.
    picked(&PASSED_OUT, &metadata.clone().into_headers())
}

/// The origin in the request's target, as in HTTP/2, or else in `Host`.
fn origin(parts: &Parts) -> Uri {
    let host = parts.headers.get(header::HOST);
    let named = parts.uri.authority().map(Authority::as_str);
    let named = named.or_else(|| host?.to_str().ok());
    Uri::builder()
        .scheme("http")
        .authority(named.unwrap_or("localhost"))
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
