//! Reads a page over HTTP.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::{
    Request, StatusCode,
    body::{Body, Bytes},
    client::conn::http1,
    header::{ACCEPT, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// The largest page. A page of the demo has 200 kB.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Only `OpenMetrics` has exemplars. With `allow-utf-8`, names may have any characters.
const FORMATS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,\
                       text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                       text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// Why a page could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The connection was refused, or it broke.
    #[error("{}", reason(.0))]
    Connection(#[from] io::Error),
    /// No `HOST:PORT`.
    #[error("{0}")]
    Address(#[from] hyper::http::Error),
    /// Not valid HTTP, or the connection ended early.
    #[error("{0}")]
    Http(#[from] hyper::Error),
    /// The status is not one of success.
    #[error("server returned HTTP status {0}")]
    Status(StatusCode),
    /// The body is too large, or it ended early.
    #[error("{0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    /// It took too long.
    #[error("context deadline exceeded")]
    Timeout,
    /// Not UTF-8.
    #[error("the page is not UTF-8")]
    Encoding,
}

/// In the words of the standard library, as `connection refused`, where it has some.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::Other | ErrorKind::InvalidInput => error.to_string(),
        // A lookup that fails has no kind of its own.
        _ if error.raw_os_error().is_none() => error.to_string(),
        kind => kind.to_string(),
    }
}

pub(super) async fn fetch(address: &str, limit: Duration) -> Result<String, FetchError> {
    let page = timeout(limit, get(address));
    page.await.unwrap_or(Err(FetchError::Timeout))
}

async fn get(address: &str) -> Result<String, FetchError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get("/metrics")
        .header(HOST, address)
        .header(ACCEPT, FORMATS)
        .body(Empty::<Bytes>::new())?;
    let answer = async {
        let answer = sender.send_request(request).await?;
        if !answer.status().is_success() {
            return Err(FetchError::Status(answer.status()));
        }
        read(answer.into_body()).await
    };
    // The connection lives as long as the answer is awaited, and ends with it.
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        ended = &mut connection => {
            ended?;
            answer.await
        }
    }
}

async fn read(body: impl Body<Data = Bytes, Error = hyper::Error>) -> Result<String, FetchError> {
    let whole = Limited::new(body, MAX_PAGE_BYTES).collect().await;
    let whole = whole.map_err(|error| match error.downcast::<LengthLimitError>() {
        Ok(_) => FetchError::Body("body size limit exceeded".into()),
        Err(error) => FetchError::Body(error),
    })?;
    String::from_utf8(whole.to_bytes().into()).map_err(|_| FetchError::Encoding)
}
