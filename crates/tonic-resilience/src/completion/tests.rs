use std::{
    convert::Infallible,
    future::pending,
    sync::{Arc, Mutex},
};

use http::Response;
use http_body_util::BodyExt;
use rstest::rstest;
use tonic::{Code, Status, body::Body};

use super::{CompletionFuture, OnComplete};
use crate::testing::{answer_in_headers, answer_in_trailers};

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
    let call = CompletionFuture::new(async { answer }, heard.clone());
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
    drop(CompletionFuture::new(
        pending::<Result<Response<Body>, Infallible>>(),
        heard.clone(),
    ));
    assert_eq!(heard.codes(), [Code::Cancelled], "before the headers");
    drop(answered(&heard, Ok(answer_in_trailers(Code::Ok))).await);
    assert_eq!(
        heard.codes(),
        [Code::Cancelled; 2],
        "in the middle of the body"
    );
}
