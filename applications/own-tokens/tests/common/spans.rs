//! The spans that arrive of a service with both kinds of token.

use std::time::Duration;

use own_tokens::server::serve;
use route_guide::{Point, route_guide_client::RouteGuideClient};
use test_support::{
    DEADLINE,
    collector::Collector,
    service::listen,
    trace::{Span, Trace},
};
use tokio::sync::oneshot;
use tonic::{Code, Request};
use tonic_telemetry::{LogFormat, Options, Telemetry};

const SECRET: &[u8] = b"secret";

const TREE: &str = "\
own-tokens SERVER route_guide.v1.RouteGuide/GetFeature
  own-tokens INTERNAL count_visit
  own-tokens INTERNAL search
own-tokens SERVER route_guide.v1.RouteGuide/GetFeature
own-tokens SERVER route_guide.v1.RouteGuide/GetFeature
own-tokens SERVER route_guide.v1.RouteGuide/GetFeature
";

/// Of a call with both tokens, one without the caller's, and one with each of them forged.
pub async fn each_call_has_its_span() {
    let (codes, spans) = calls_and_spans().await;
    let refused = Code::Unauthenticated;
    assert_eq!(codes, [Code::Ok, refused, refused, refused]);
    assert_eq!(spans.tree(), TREE);
    let mut calls: Vec<_> = spans.of("own-tokens", "SERVER").map(outcome).collect();
    calls.sort_unstable();
    let expected = [
        ["OK", "ada", ""],
        ["UNAUTHENTICATED", "", "bad_signature"],
        ["UNAUTHENTICATED", "", "no_token"],
        ["UNAUTHENTICATED", "ada", ""], // refused by its session
    ];
    assert_eq!(calls, expected);
}

fn outcome(span: &Span) -> [&str; 3] {
    let keys = [
        "rpc.response.status_code",
        "guide.principal",
        "guide.auth_refusal",
    ];
    keys.map(|key| span.attribute(key))
}

async fn calls_and_spans() -> (Vec<Code>, Trace) {
    let collector = Collector::running();
    let telemetry = telemetry(collector.endpoint());
    let (verifier, folder) = super::verifier();
    let hour = Duration::from_secs(3600);
    let key = folder.0.key();
    let token = key.issue("shop", "gateway", "ada", &["guide:read"], hour);
    let (listener, address) = listen().await;
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.expect("the test stops it") };
    let calls = async {
        let codes = calls(&format!("http://{address}"), &token.expect("a token")).await;
        stop.send(()).expect("it serves");
        codes
    };
    let served = serve(&telemetry, verifier, SECRET, listener, stopped);
    let (served, codes) = tokio::join!(served, calls);
    served.expect("it serves");
    telemetry.shutdown(DEADLINE).await.expect("no span is lost");
    (codes, collector.arrived())
}

/// The telemetry of this process.
fn telemetry(collector: String) -> Telemetry {
    Options::new("own-tokens")
        .log_format(LogFormat::Off)
        .variables(move |name| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| collector.clone()))
        .init()
        .expect("the first one")
}

async fn calls(address: &str, token: &str) -> Vec<Code> {
    let session = own_tokens::issue(SECRET, "ada").expect("a session");
    let good = call(address, Some(token), &session).await;
    let anonymous = call(address, None, &session).await;
    let forged_token = call(address, Some(&forged(token)), &session).await;
    let forged_session = call(address, Some(token), &forged(&session)).await;
    vec![good, anonymous, forged_token, forged_session]
}

/// What a call ends with.
async fn call(address: &str, token: Option<&str>, session: &str) -> Code {
    let mut request = Request::new(Point::default());
    let metadata = request.metadata_mut();
    metadata.insert("session", session.parse().expect("ASCII"));
    if let Some(token) = token {
        let bearer = format!("Bearer {token}");
        metadata.insert("authorization", bearer.parse().expect("ASCII"));
    }
    let client = RouteGuideClient::connect(address.to_owned()).await;
    let answer = client.expect("it listens").get_feature(request).await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

/// The same token with another signature.
fn forged(token: &str) -> String {
    let (head, signature) = token.rsplit_once('.').expect("three parts");
    let other = if signature.starts_with('A') { "B" } else { "A" };
    format!("{head}.{other}{}", &signature[1..])
}
