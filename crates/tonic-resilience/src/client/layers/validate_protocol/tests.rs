use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use rstest::rstest;
use tonic::{Code, Status, body::Body};
use tower::Layer;

use crate::{
    client::layers::ValidateResponseLayer,
    testing::{MESSAGE, call, handler, request},
};

/// What a client reads of an answer with these bytes, and this status in its trailers.
async fn read(bytes: &'static [u8], status: Option<&'static str>) -> Code {
    let server = handler(move |_| async move {
        let trailers = status.map(|status| {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static(status));
            let details = HeaderValue::from_static("no base64!");
            trailers.insert("grpc-status-details-bin", details);
            Ok(trailers)
        });
        let body = http_body_util::Full::new(bytes::Bytes::from_static(bytes));
        Response::new(Body::new(body.with_trailers(std::future::ready(trailers))))
    });
    let answer = call(ValidateResponseLayer.layer(server), request()).await;
    match answer.into_body().collect().await {
        Ok(body) => {
            let trailers = body.trailers().expect("a status");
            Status::from_header_map(trailers).expect("a status").code()
        }
        Err(status) => status.code(),
    }
}

#[rstest]
#[case(MESSAGE, Some("0"), Code::Ok, "one message")]
#[case(MESSAGE, Some("5"), Code::NotFound, "details that are no base64")]
#[case(MESSAGE, None, Code::Unknown, "no status")]
#[case(b"", None, Code::Unknown, "nothing at all")]
#[case(
    b"\0\0\0\0\x05ab",
    Some("0"),
    Code::Internal,
    "a status within a message"
)]
#[case(b"\0\0\0\0\x05ab", Some("14"), Code::Unavailable, "the reason of that")]
#[case(b"\0\0\0", None, Code::Internal, "an end within a prefix")]
#[case(
    b"\0\0\x40\0\x01",
    Some("0"),
    Code::ResourceExhausted,
    "a prefix above the limit"
)]
#[case(
    b"\x07\0\0\0\0",
    Some("0"),
    Code::Internal,
    "a flag that does not exist"
)]
#[case(
    b"\x01\0\0\0\0",
    Some("0"),
    Code::Internal,
    "compressed without an encoding"
)]
#[tokio::test]
async fn answers_get_the_code_of_the_specification(
    #[case] bytes: &'static [u8],
    #[case] status: Option<&'static str>,
    #[case] expected: Code,
    #[case] reason: &str,
) {
    assert_eq!(read(bytes, status).await, expected, "{reason}");
}

#[tokio::test]
async fn a_request_ends_with_a_reset_when_its_answer_is_dropped() {
    let (bodies, mut sent) = tokio::sync::mpsc::channel(1);
    let server = handler(move |request: Request<Body>| {
        let bodies = bodies.clone();
        async move {
            bodies
                .send(request.into_body())
                .await
                .expect("the test waits");
            crate::testing::answer_in_trailers(Code::Ok)
        }
    });
    let frames = futures_util::stream::pending::<Result<http_body::Frame<bytes::Bytes>, Status>>();
    let request = request().map(|_| Body::new(http_body_util::StreamBody::new(frames)));
    let answer = call(ValidateResponseLayer.layer(server), request).await;
    let mut body = sent.recv().await.expect("a request");
    tokio_test::assert_pending!(tokio_test::task::spawn(body.frame()).poll());
    drop(answer);
    let status = body
        .frame()
        .now_or_never()
        .flatten()
        .expect("an end at once")
        .expect_err("no end of a whole request");
    let cause = std::error::Error::source(&status).expect("a cause");
    let cause: &h2::Error = cause.downcast_ref().expect("a reset");
    assert_eq!(cause.reason(), Some(h2::Reason::CANCEL));
}
