mod hops;
mod served;
mod timeout;

use std::time::Duration;

use http::{HeaderValue, Request};
use tonic::body::Body;

const MAXIMUM: Duration = Duration::from_secs(60);

fn request(timeout: Option<&'static str>) -> Request<Body> {
    let mut request = crate::testing::request();
    let timeout = timeout.map(HeaderValue::from_static);
    let headers = request.headers_mut();
    timeout.map(|timeout| headers.insert("grpc-timeout", timeout));
    request
}
