//! Neither a token, nor a key, nor an e-mail address gets into a log line, a span or a metric.

mod support;

use http_body_util::Full;
use hyper::Request;
use rstest::rstest;
use support::{Demo, Process, get, request};
use tonic::metadata::MetadataMap;

/// Parts of what must stay between a caller and a database.
const SECRETS: [&str; 5] = [
    "canary.person",
    "canary-token",
    "canary-key",
    "canary-cookie",
    "canary-baggage",
];

const EMAIL: &str = "canary.person@mail.example";

/// The headers in which callers send what is nobody else's business.
const HEADERS: [(&str, &str); 4] = [
    ("authorization", "Bearer canary-token"),
    ("x-api-key", "canary-key"),
    ("cookie", "session=canary-cookie"),
    // It goes through all services, and into nothing that they say.
    ("baggage", "tenant=canary-baggage,canary-baggage"),
];

async fn call_in_all_ways(demo: &Demo) {
    let mut caller = demo.caller().await;
    // Once as a new user, once as one who is there, and in words that are no address.
    for email in [EMAIL, EMAIL, "canary.person"] {
        caller.create(email).await;
        caller.import(&[email, EMAIL]).await;
        let body = format!(r#"{{"name":"Ada","email":"{email}","bio":"","city":""}}"#);
        let url = format!("http://{}/v1/users", demo.http().await);
        let mut call = Request::post(url).header("content-type", "application/json");
        for (name, value) in HEADERS {
            call = call.header(name, value);
        }
        request(call.body(Full::from(body)).expect("a request")).await;
    }
    let mut metadata = MetadataMap::new();
    for (name, value) in HEADERS {
        metadata.insert(name, value.parse().expect("visible ASCII"));
    }
    for id in ["1", "nobody", EMAIL] {
        caller.get_with(id, metadata.clone()).await;
    }
}

#[rstest]
#[case::as_it_is_by_default("info")]
#[case::as_somebody_looks_for_a_fault(
    "debug,gateway=trace,user=trace,profile=trace,telemetry=trace,transport=trace,database=trace,tracewalk=trace"
)]
#[case::with_every_line_of_every_library("trace")]
#[tokio::test]
async fn secrets_of_a_caller_are_in_no_log_no_span_and_no_metric(#[case] filter: &str) {
    let variables = [
        ("RUST_LOG", filter),
        ("OTEL_LOGS_EXPORTER", "otlp"),
        ("TRACEWALK_BAGGAGE", "tenant"),
    ];
    let mut demo = Demo::start_with(&variables).await;
    call_in_all_ways(&demo).await;
    let mut said = Vec::new();
    for service in demo.services() {
        let admin = service.address("admin").await;
        said.push(get(&format!("http://{admin}/metrics")).await.body);
    }
    assert_eq!(demo.stop().await, [Some(0); 3]);
    said.extend(demo.services().into_iter().flat_map(Process::lines));
    let exports = demo.collector.exports();
    assert!(exports.iter().any(|export| export.contains("CreateUser")));
    said.extend(exports);
    for secret in SECRETS {
        let leak = said.iter().find(|text| text.contains(secret));
        assert_eq!(leak, None, "{secret}");
    }
}
