use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::{Request, request::Parts};
use http_body::Frame;
use http_body_util::{BodyExt, BodyStream, Full, StreamBody};
use tonic::{Status, body::Body};

/// A request that can be sent more than once.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    parts: Parts,
    body: Bytes,
}

impl Replay {
    /// Reads the request whole.
    ///
    /// # Errors
    ///
    /// The request as it was, to be sent once, when it is larger than `limit` or cannot be read.
    pub(super) async fn read(request: Request<Body>, limit: usize) -> Result<Self, Request<Body>> {
        let (parts, mut rest) = request.into_parts();
        let mut read = BytesMut::new();
        while let Some(frame) = rest.frame().await {
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => read.extend_from_slice(&data),
                // Trailers: a gRPC request has none.
                Ok(Err(_)) => {}
                Err(status) => return Err(once(parts, read.freeze(), Err(status))),
            }
            if read.len() > limit {
                return Err(once(parts, read.freeze(), Ok(rest)));
            }
        }
        let body = read.freeze();
        Ok(Self { parts, body })
    }

    /// The request again.
    pub(super) fn request(&self) -> Request<Body> {
        let body = Body::new(Full::new(self.body.clone()));
        Request::from_parts(self.parts.clone(), body)
    }
}

/// Puts a request together again from the part that was read and the rest.
fn once(parts: Parts, read: Bytes, rest: Result<Body, Status>) -> Request<Body> {
    let read = stream::iter([Ok(Frame::data(read))]);
    let body = match rest {
        Ok(rest) => Body::new(StreamBody::new(read.chain(BodyStream::new(rest)))),
        Err(status) => Body::new(StreamBody::new(read.chain(stream::iter([Err(status)])))),
    };
    Request::from_parts(parts, body)
}
