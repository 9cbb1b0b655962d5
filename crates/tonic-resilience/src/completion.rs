//! Reports the code of a call: exactly once, whichever way the call ends.
//!
//! gRPC sends the status after the body, in the trailers, or in the headers when there is no body.
//! A call can also end with an error, or because its answer is dropped. A layer that looks at the
//! headers alone takes most failures for successes.
//!
//! ```text
//! future ─► error ─────────────► its code         dropped anywhere ─► CANCELLED
//!        └► headers ─► grpc-status ─► that code
//!                  └► body ─► trailers ─► that code;  error ─► its code;  no status ─► UNKNOWN
//! ```

use std::pin::Pin;

use grpc_wire::status_code;
use http::response::Parts;
use tonic::Code;

use crate::response::{Hook, Next};

/// Called when a call completes.
pub(crate) trait OnComplete: Unpin {
    /// Called with the headers of the response, before completion, if there are any.
    fn headers(&mut self, _headers: &Parts) {}

    /// Called exactly once, when the call completes.
    fn complete(self, code: Code);
}

/// Calls `T` with the code of a call: `CANCELLED` when this is dropped before the call completes.
#[derive(Debug)]
pub(crate) struct Completion<T: OnComplete>(Option<T>);

impl<T: OnComplete> Completion<T> {
    pub(crate) fn new(on_complete: T) -> Self {
        Self(Some(on_complete))
    }

    fn complete(&mut self, code: Code) {
        if let Some(on_complete) = self.0.take() {
            on_complete.complete(code);
        }
    }
}

impl<T: OnComplete> Hook for Completion<T> {
    fn headers(mut self: Pin<&mut Self>, headers: &mut Parts) -> Option<Self> {
        if let Some(on_complete) = &mut self.0 {
            on_complete.headers(headers);
        }
        if let Some(code) = status_code(&headers.headers) {
            self.complete(code);
        }
        self.0.take().map(Self::new)
    }

    fn frame(mut self: Pin<&mut Self>, next: Next) -> Next {
        match &next {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.complete(status_code(trailers).unwrap_or(Code::Unknown));
                }
            }
            Some(Err(status)) => self.complete(status.code()),
            None => self.complete(Code::Unknown),
        }
        next
    }
}

impl<T: OnComplete> Drop for Completion<T> {
    fn drop(&mut self) {
        self.complete(Code::Cancelled);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        future::pending,
        sync::{Arc, Mutex},
    };

    use http::Response;
    use http_body_util::BodyExt;
    use rstest::rstest;
    use tonic::{Code, Status, body::Body};

    use super::{Completion, OnComplete};
    use crate::{
        response::HookFuture,
        testing::{answer_in_headers, answer_in_trailers},
    };

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<Code>>>);

    impl Heard {
        fn codes(&self) -> Vec<Code> {
            self.0.lock().expect("no test panics with the lock").clone()
        }
    }

    impl OnComplete for Heard {
        fn complete(self, code: Code) {
            self.0
                .lock()
                .expect("no test panics with the lock")
                .push(code);
        }
    }

    async fn answered(heard: &Heard, answer: Result<Response<Body>, Status>) -> Response<Body> {
        let call = HookFuture::pass(async { answer }, Completion::new(heard.clone()));
        call.await.expect("an error becomes an answer")
    }

    #[rstest]
    #[case(Ok(answer_in_headers(Code::NotFound)), Code::NotFound)]
    #[case(Err(Status::unavailable("gone")), Code::Unavailable)]
    #[tokio::test]
    async fn the_code_is_known_with_the_headers(
        #[case] answer: Result<Response<Body>, Status>,
        #[case] code: Code,
    ) {
        let heard = Heard::default();
        let response = answered(&heard, answer).await;
        assert_eq!(heard.codes(), [code]);
        drop(response);
        assert_eq!(heard.codes(), [code], "told once");
    }

    #[rstest]
    #[case(Code::Ok)]
    #[case(Code::Internal)]
    #[tokio::test]
    async fn the_code_is_known_with_the_trailers(#[case] code: Code) {
        let heard = Heard::default();
        let response = answered(&heard, Ok(answer_in_trailers(code))).await;
        assert!(heard.codes().is_empty());
        response.into_body().collect().await.expect("a body");
        assert_eq!(heard.codes(), [code]);
    }

    #[tokio::test]
    async fn a_body_without_a_status_is_unknown() {
        let heard = Heard::default();
        let response = answered(&heard, Ok(Response::new(Body::empty()))).await;
        response.into_body().collect().await.expect("a body");
        assert_eq!(heard.codes(), [Code::Unknown]);
    }

    #[tokio::test]
    async fn an_error_in_the_middle_of_a_stream_is_its_code() {
        let heard = Heard::default();
        let frames = futures_util::stream::iter([Err(Status::data_loss("half"))]);
        let body = Body::new(http_body_util::StreamBody::new(frames));
        let response = answered(&heard, Ok(Response::new(body))).await;
        assert!(response.into_body().collect().await.is_err());
        assert_eq!(heard.codes(), [Code::DataLoss]);
    }

    #[tokio::test]
    async fn a_call_that_is_dropped_is_cancelled() {
        let heard = Heard::default();
        drop(HookFuture::pass(
            pending::<Result<Response<Body>, Infallible>>(),
            Completion::new(heard.clone()),
        ));
        assert_eq!(heard.codes(), [Code::Cancelled], "before the headers");
        drop(answered(&heard, Ok(answer_in_trailers(Code::Ok))).await);
        assert_eq!(
            heard.codes(),
            [Code::Cancelled; 2],
            "in the middle of the body"
        );
    }
}
