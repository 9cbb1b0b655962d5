//! What a sampler is told when a span begins.

use std::sync::{Arc, Mutex};

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use tower::{Layer as _, ServiceExt as _};

use super::{ok, request};
use crate::support::Fixture;

/// The name of a span, and the attributes that it starts with.
type Start = (String, Vec<KeyValue>);

/// A sampler that keeps what it is asked.
#[derive(Clone, Debug, Default)]
struct Asked(Arc<Mutex<Vec<Start>>>);

impl ShouldSample for Asked {
    fn should_sample(
        &self,
        _parent: Option<&Context>,
        _trace_id: TraceId,
        name: &str,
        _kind: &SpanKind,
        attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let mut asked = self.0.lock().expect("no test panics while it asks");
        asked.push((name.to_owned(), attributes.to_vec()));
        SamplingResult {
            decision: SamplingDecision::Drop,
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

#[tokio::test]
async fn a_sampler_knows_method_and_server() {
    let asked = Asked::default();
    let fixture = Fixture::sampling(asked.clone());
    let request = || request("http://echo.test:50052/test.v1.Echo/Say", None);

    let server = fixture.server_layer().layer(ok().service());
    server.oneshot(request()).await.unwrap();
    let client = fixture.client_layer().layer(ok().service());
    client.oneshot(request()).await.unwrap();

    let expected = (
        "test.v1.Echo/Say".to_owned(),
        vec![
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", "test.v1.Echo/Say"),
            KeyValue::new("server.address", "echo.test"),
            KeyValue::new("server.port", 50052),
        ],
    );
    assert_eq!(*asked.0.lock().unwrap(), [expected.clone(), expected]);
}
