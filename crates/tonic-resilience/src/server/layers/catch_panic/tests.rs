use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Response;
use http_body::Frame;
use http_body_util::StreamBody;
use tonic::{Code, body::Body};
use tower::Layer;

use super::CatchPanicLayer;
use crate::testing::{answer_in_trailers, code, handler, request};

#[tokio::test]
async fn a_panic_before_the_headers_is_internal() {
    let at_once = CatchPanicLayer.layer(tower::service_fn(|request: http::Request<Body>| {
        assert!(request.uri().path().is_empty(), "in call");
        std::future::ready(Ok::<_, Infallible>(answer_in_trailers(Code::Ok)))
    }));
    assert_eq!(code(at_once, request()).await, Code::Internal);

    let later = CatchPanicLayer.layer(handler(|_| async { panic!("{} {}", "in", "poll") }));
    assert_eq!(code(later, request()).await, Code::Internal);
}

#[tokio::test]
async fn a_panic_in_a_stream_ends_it_with_internal() {
    let stack = CatchPanicLayer.layer(handler(|_| async {
        let frames = stream::iter([1, 2]).map(|number| {
            assert_eq!(number, 1, "the second message panics");
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(crate::testing::MESSAGE)))
        });
        Response::new(Body::new(StreamBody::new(frames)))
    }));
    assert_eq!(code(stack, request()).await, Code::Internal);
}

#[tokio::test]
async fn answers_pass_unchanged() {
    let stack = CatchPanicLayer.layer(handler(|_| async { answer_in_trailers(Code::NotFound) }));
    assert_eq!(code(stack, request()).await, Code::NotFound);
}
