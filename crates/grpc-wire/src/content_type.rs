use http::{HeaderMap, header::CONTENT_TYPE};

/// Whether the headers are those of gRPC: `application/grpc`, alone or with a suffix such as
/// `+proto` or with parameters. gRPC-Web is another content type.
///
/// Spec: [Requests](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
#[must_use]
pub fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |value| value.as_bytes());
    content_type
        .strip_prefix(b"application/grpc")
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

#[cfg(test)]
#[test]
fn a_suffix_or_parameters_may_follow_and_grpc_web_is_not_grpc() {
    let is_grpc = |value| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(value));
        is_grpc(&headers)
    };
    for grpc in [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc;a=b",
    ] {
        assert!(is_grpc(grpc), "{grpc}");
    }
    for other in [
        "application/grpc-web+proto",
        "application/grpcx",
        "text/html",
        "",
    ] {
        assert!(!is_grpc(other), "{other}");
    }
    assert!(!self::is_grpc(&HeaderMap::new()));
}
