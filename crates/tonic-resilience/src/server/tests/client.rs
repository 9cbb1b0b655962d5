use bytes::Bytes;
use grpc_wire::status_code;
use h2::client::SendRequest;
use http::{HeaderMap, Request, Response};
use tonic::Code;

use crate::testing::MESSAGE;

fn request(path: &str) -> Request<()> {
    Request::post(format!("http://server{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .expect("a request of constants is valid")
}

/// Sends the headers, and leaves the messages open.
pub(super) async fn open(
    client: &SendRequest<Bytes>,
    path: &str,
) -> Result<(h2::client::ResponseFuture, h2::SendStream<Bytes>), h2::Error> {
    let mut client = client.clone().ready().await?;
    client.send_request(request(path), false)
}

/// Sends the headers and one message; the answer comes later.
pub(super) async fn begin(
    client: &SendRequest<Bytes>,
    path: &str,
) -> Result<(h2::client::ResponseFuture, h2::SendStream<Bytes>), h2::Error> {
    let (response, mut body) = open(client, path).await?;
    body.send_data(Bytes::from_static(MESSAGE), true)?;
    Ok((response, body))
}

/// Calls, and reads the answer to its end.
pub(super) async fn call(client: &SendRequest<Bytes>, path: &str) -> Result<Code, h2::Error> {
    let (response, _body) = begin(client, path).await?;
    finish(response.await?).await
}

/// Reads an answer to its end.
pub(super) async fn finish(response: Response<h2::RecvStream>) -> Result<Code, h2::Error> {
    if let Some(code) = status_code(response.headers()) {
        return Ok(code);
    }
    let mut body = response.into_body();
    while let Some(data) = body.data().await {
        let length = data?.len();
        body.flow_control().release_capacity(length)?;
    }
    let trailers: HeaderMap = body.trailers().await?.unwrap_or_default();
    Ok(status_code(&trailers).unwrap_or(Code::Unknown))
}
