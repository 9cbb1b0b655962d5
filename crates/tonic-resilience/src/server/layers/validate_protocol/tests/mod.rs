mod errors;
mod requests;

use grpc_wire::Methods;
use http::Request;
use tonic::body::Body;

use crate::testing::request;

fn methods() -> Methods {
    let sets = [tonic_health::pb::FILE_DESCRIPTOR_SET];
    Methods::from_descriptor_sets(&sets).expect("generated descriptors decode")
}

fn check(body: impl Into<bytes::Bytes>) -> Request<Body> {
    let mut request = request().map(|_| Body::new(http_body_util::Full::new(body.into())));
    *request.uri_mut() = http::Uri::from_static("/grpc.health.v1.Health/Check");
    request
}
