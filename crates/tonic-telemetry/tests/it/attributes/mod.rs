//! The attributes of RPC spans, at their start where a sampler needs them.

mod call;
mod peers;
mod sampler;

use http::Request;
use tonic::{Code, body::Body};

use crate::support::script::Script;

fn ok() -> Script {
    Script::answers(Code::Ok)
}

fn request(uri: &str, host: Option<&str>) -> Request<Body> {
    let mut request = Request::builder()
        .uri(uri)
        .header("content-type", "application/grpc");
    if let Some(host) = host {
        request = request.header("host", host);
    }
    request.body(Body::empty()).expect("a valid request")
}
