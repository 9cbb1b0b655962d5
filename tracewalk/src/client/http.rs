use std::time::Duration;

use anyhow::{Context as _, anyhow};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use tokio::time::timeout;
use tonic::codegen::{
    Bytes,
    http::{Request, Uri, header::ACCEPT},
};

/// More than any trace takes; a wrong address must not fill the memory.
const MAX_BYTES: usize = 64 << 20;

/// The longest wait for an answer: a server may accept a connection and never answer.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Reads JSON by HTTP; the status is not looked at, as errors of the Jaeger API are JSON too.
///
/// # Errors
/// When nobody answers, or the answer is no JSON.
pub(crate) async fn get_json(url: Uri) -> anyhow::Result<Value> {
    let text = read_in_time(&url, "*/*").await?;
    serde_json::from_str(&text).with_context(|| format!("{url} answers no JSON"))
}

/// Reads a metrics page with its exemplars; the status is not looked at.
///
/// # Errors
/// When nobody answers within 10 s, or the answer is no text.
pub(crate) async fn get_open_metrics(url: Uri) -> anyhow::Result<String> {
    read_in_time(&url, "application/openmetrics-text;version=1.0.0,*/*;q=0.1").await
}

async fn read_in_time(url: &Uri, accept: &'static str) -> anyhow::Result<String> {
    let text = timeout(MAX_WAIT, read(url, accept)).await;
    text.map_err(|_| anyhow!("no answer of {url} in {MAX_WAIT:?}"))?
}

async fn read(url: &Uri, accept: &'static str) -> anyhow::Result<String> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let request = Request::get(url).header(ACCEPT, accept);
    let answer = client
        .request(request.body(Empty::new())?)
        .await
        .with_context(|| format!("cannot reach {url}"))?;
    let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await;
    let body = body.map_err(anyhow::Error::from_boxed)?.to_bytes();
    String::from_utf8(body.to_vec()).with_context(|| format!("{url} answers no text"))
}
