//! How a trace goes in and out of a service, sampled or not, and how the caller learns its id.

mod announced;
mod incoming;
mod outgoing;

use http::Request;
use tonic::body::Body;

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn say(headers: &[(&'static str, &'static str)]) -> Request<Body> {
    let mut request = Request::builder()
        .uri("/test.v1.Echo/Say")
        .header("content-type", "application/grpc");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).expect("a valid request")
}
