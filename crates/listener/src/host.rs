use http::{Request, Response, StatusCode, Version, header::HOST, uri::Authority};
use hyper::service::service_fn;

use crate::{Handler, RequestBody};

const NO_HOST: &str = "a request of HTTP/1.1 has one valid Host\n";

/// Whether a request names its host as HTTP/1 demands: exactly once, and well formed. True for
/// HTTP/2, which has `:authority`; a request of HTTP/1.0 need not name it.
///
/// A server answers 400 otherwise: [RFC 9112, 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2).
///
/// ```
/// let request = http::Request::get("/").header("host", "localhost:8080").body(()).unwrap();
/// assert!(listener::has_one_host(&request));
/// ```
pub fn has_one_host<B>(request: &Request<B>) -> bool {
    if request.version() > Version::HTTP_11 {
        return true;
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(_), Some(_)) => false,
        (Some(host), None) => host.is_empty() || is_authority(host.as_bytes()),
    }
}

/// A name or address with or without a port. User information belongs to URIs alone.
fn is_authority(host: &[u8]) -> bool {
    !host.contains(&b'@') && Authority::try_from(host).is_ok()
}

/// Answers 400 where a request has no [valid host](has_one_host), and else what `handler` answers.
pub fn requiring_host<H>(handler: H) -> impl Handler<Body = H::Body> + Clone
where
    H: Handler<Body: From<&'static str>> + Clone,
{
    service_fn(move |request: Request<RequestBody>| {
        let answer = has_one_host(&request).then(|| handler.call(request));
        async move {
            let Some(answer) = answer else {
                let mut refusal = Response::new(H::Body::from(NO_HOST));
                *refusal.status_mut() = StatusCode::BAD_REQUEST;
                return Ok(refusal);
            };
            answer.await
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_http_1_1_names_one_host() {
        let cases: [(Version, &[&str], bool); 13] = [
            (Version::HTTP_11, &["localhost"], true),
            (Version::HTTP_11, &["localhost:8080"], true),
            (Version::HTTP_11, &["[::1]:8080"], true),
            (Version::HTTP_11, &[""], true),
            (Version::HTTP_11, &[], false),
            (Version::HTTP_11, &["a", "a"], false),
            (Version::HTTP_11, &["a", "b"], false),
            (Version::HTTP_11, &["a b"], false),
            (Version::HTTP_11, &["a/b"], false),
            (Version::HTTP_11, &["root@a"], false),
            (Version::HTTP_10, &[], true),
            (Version::HTTP_10, &["a", "b"], false),
            (Version::HTTP_2, &[], true),
        ];
        for (version, hosts, expected) in cases {
            let request = hosts
                .iter()
                .fold(Request::get("/").version(version), |request, host| {
                    request.header(HOST, *host)
                });
            let request = request.body(()).unwrap();
            assert_eq!(has_one_host(&request), expected, "{version:?} {hosts:?}");
        }
    }
}
