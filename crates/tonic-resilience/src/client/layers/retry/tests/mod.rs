mod budget;
mod waits;
mod which;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Response};
use http_body_util::BodyExt;
use prometheus::Registry;
use tokio::time::Instant;
use tonic::{Code, body::Body};

use super::{RetryLayer, RetryMetrics, RetryPolicy};
use crate::{
    stack::Stack,
    testing::{MESSAGE, PATH, answer_in_headers, answer_in_trailers, handler},
};

/// A server that notes what it gets, and answers by the number of the attempt, from 1.
#[derive(Clone)]
struct Server {
    seen: Arc<Mutex<Vec<(Instant, HeaderMap)>>>,
    answer: fn(usize) -> Response<Body>,
}

impl Server {
    fn new(answer: fn(usize) -> Response<Body>) -> Self {
        Self {
            seen: Arc::default(),
            answer,
        }
    }

    fn stack(&self) -> impl Stack<ResponseBody = Body> + use<> {
        let server = self.clone();
        handler(move |request| {
            let server = server.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.expect("a body").to_bytes();
                assert!(body.is_empty() || body == MESSAGE);
                let mut seen = server.seen.lock().expect("no attempt panics");
                seen.push((Instant::now(), parts.headers));
                (server.answer)(seen.len())
            }
        })
    }

    fn attempts(&self) -> usize {
        self.seen.lock().expect("no attempt panics").len()
    }

    fn waits(&self) -> Vec<Duration> {
        let seen = self.seen.lock().expect("no attempt panics");
        seen.windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

fn layer_with(policy: RetryPolicy, registry: &Registry) -> RetryLayer {
    let metrics = RetryMetrics::new(registry).expect("a new registry");
    RetryLayer::new("user", policy.idempotent(&PATH[1..]), &metrics)
}

fn layer() -> RetryLayer {
    layer_with(RetryPolicy::default(), &Registry::new())
}

fn unavailable(_: usize) -> Response<Body> {
    answer_in_headers(Code::Unavailable)
}

fn third_time_lucky(attempt: usize) -> Response<Body> {
    if attempt < 3 {
        return answer_in_headers(Code::Unavailable);
    }
    answer_in_trailers(Code::Ok)
}

fn with_pushback(value: &'static str) -> Response<Body> {
    let mut response = answer_in_headers(Code::Unavailable);
    let value = HeaderValue::from_static(value);
    response
        .headers_mut()
        .insert("grpc-retry-pushback-ms", value);
    response
}
