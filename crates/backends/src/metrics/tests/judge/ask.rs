use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request,
    body::Bytes,
    header::{CONTENT_ENCODING, CONTENT_TYPE, HOST},
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;

/// A question by GET.
pub(super) async fn get(address: &str, path: &str) -> Option<(u16, Value)> {
    send(address, path, String::new()).await
}

/// `GET` without a form, and `POST` with one; `None` when nobody is there.
pub(super) async fn send(address: &str, path: &str, form: String) -> Option<(u16, Value)> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = if form.is_empty() {
        Request::get(format!("http://{address}{path}"))
    } else {
        Request::post(format!("http://{address}{path}"))
    };
    let request = request
        .header(HOST, address)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::<Bytes>::from(form))
        .unwrap();
    let answer = client.request(request).await.ok()?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&body).unwrap_or_default()))
}

/// Samples in Prometheus' own format.
pub(super) async fn write(address: &str, request: Vec<u8>) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(format!("http://{address}/api/v1/write"))
        .header(CONTENT_TYPE, "application/x-protobuf")
        .header(CONTENT_ENCODING, "snappy")
        .header("x-prometheus-remote-write-version", "0.1.0")
        .body(Full::<Bytes>::from(request))
        .unwrap();
    let answer = client.request(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(status.is_success(), "{status}: {body:?}");
}
