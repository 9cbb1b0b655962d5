//! A service whose answers follow a script, at times that are exact while the clock is paused.

use std::{
    collections::VecDeque,
    future::{Future, pending},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::{Body, Frame};
use tokio::time::{Sleep, sleep};
use tonic::{Code, Status};
use tower::{Service, service_fn};

/// How the inner service begins its answer.
#[derive(Clone, Debug)]
pub enum Head {
    /// With these headers and this HTTP status.
    Answer(StatusCode, HeaderMap),
    /// With an error of the transport.
    Fail(Code),
    Panic,
    /// Never.
    Hang,
}

/// What the body of the answer does next.
#[derive(Clone, Debug)]
pub enum Step {
    Wait(Duration),
    Data(Bytes),
    Trailers(HeaderMap),
    Fail(Code),
    Panic,
    Hang,
}

#[derive(Clone, Debug)]
pub struct Script {
    /// How long the headers take.
    pub wait: Duration,
    pub head: Head,
    pub body: Vec<Step>,
}

impl Script {
    /// An answer without a body, at once and with this code.
    pub fn answers(code: Code) -> Self {
        Self {
            wait: Duration::ZERO,
            head: Head::Answer(StatusCode::OK, grpc_status(code, "")),
            body: Vec::new(),
        }
    }

    /// A service that answers each request so, whatever it is.
    pub fn service<Q>(
        self,
    ) -> impl Service<
        Q,
        Response = Response<ScriptedBody>,
        Error = Status,
        Future = impl Future<Output = Result<Response<ScriptedBody>, Status>> + Send,
    > + Clone {
        service_fn(move |_request: Q| self.clone().play())
    }

    async fn play(self) -> Result<Response<ScriptedBody>, Status> {
        sleep(self.wait).await;
        let mut response = Response::new(ScriptedBody {
            steps: self.body.into(),
            waiting: None,
        });
        match self.head {
            Head::Answer(status, headers) => {
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                Ok(response)
            }
            Head::Fail(code) => Err(Status::new(code, "the transport failed")),
            Head::Panic => panic!("as the script says"),
            Head::Hang => pending().await,
        }
    }
}

/// The trailers, or the headers of an answer without a body, that end a call.
pub fn grpc_status(code: Code, message: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", HeaderValue::from(code as i32));
    headers.insert("grpc-message", HeaderValue::from_static(message));
    headers
}

/// An encoded message of this length.
pub fn message(length: u8) -> Bytes {
    let prefix = [0, 0, 0, 0, length];
    [&prefix[..], &vec![7; length.into()]].concat().into()
}

/// The body that a [`Script`] answers with.
#[derive(Debug)]
pub struct ScriptedBody {
    steps: VecDeque<Step>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            return Poll::Ready(match self.steps.pop_front() {
                Some(Step::Wait(duration)) => {
                    self.waiting = Some(Box::pin(sleep(duration)));
                    continue;
                }
                Some(Step::Data(data)) => Some(Ok(Frame::data(data))),
                Some(Step::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
                Some(Step::Fail(code)) => Some(Err(Status::new(code, "the stream broke"))),
                Some(Step::Panic) => panic!("as the script says"),
                Some(Step::Hang) => {
                    self.steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
                None => None,
            });
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.waiting.is_none()
    }
}

/// Reads a body to its end, or to its error.
pub async fn read<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Result<(), B::Error> {
    use http_body_util::BodyExt as _;
    while let Some(frame) = body.frame().await {
        frame?;
    }
    Ok(())
}
