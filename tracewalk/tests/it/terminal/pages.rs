//! Pages by HTTP all of whose texts are hostile: a trace, its logs, and errors.

use std::net::SocketAddr;

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::HOSTILE;

/// One span, as Jaeger says it, all of whose texts are hostile.
fn trace() -> Value {
    let tag = |key: &str, value: &str| json!({ "key": key, "type": "string", "value": value });
    json!({ "data": [{
        "traceID": "1",
        "spans": [{
            "traceID": "1", "spanID": HOSTILE, "operationName": HOSTILE, "references": [],
            "startTime": 1, "duration": 5, "processID": "p",
            "tags": [
                tag("error", "true"), tag("otel.status_description", HOSTILE),
                tag("rpc.response.status_code", HOSTILE), tag("tracewalk.fault", HOSTILE),
                tag(HOSTILE, HOSTILE),
            ],
            "logs": [{ "fields": [tag("event", HOSTILE)] }],
        }],
        "warnings": [HOSTILE],
        "processes": { "p": { "serviceName": HOSTILE } },
    }] })
}

/// Everything that is asked by HTTP: a trace and its logs, and whatever else answers badly.
fn page(path: &str) -> Vec<u8> {
    let line = json!({
        "timestamp": 2, "spanID": HOSTILE, "serviceName": HOSTILE, "severity": HOSTILE,
        "target": HOSTILE, "body": HOSTILE, "fields": [{ "key": HOSTILE, "value": HOSTILE }],
    });
    let answer = match path {
        path if path.ends_with("/logs") => json!({ "data": [line] }),
        path if path.ends_with('f') => json!({ "errors": [{ "code": 500, "msg": HOSTILE }] }),
        path if path.contains("/api/traces/") => trace(),
        path if path.contains("/api/") => json!({ "data": [HOSTILE], "error": HOSTILE }),
        _ => return HOSTILE.as_bytes().to_vec(),
    };
    answer.to_string().into_bytes()
}

pub(super) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has one");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(async |request: Request<Incoming>| {
                let body = page(request.uri().path());
                Ok::<_, std::convert::Infallible>(Response::new(Full::<Bytes>::from(body)))
            });
            tokio::spawn(
                hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .into_owned(),
            );
        }
    });
    address
}
