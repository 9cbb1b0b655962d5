//! A caller that traces already finds its own trace going through all three services.

use crate::support::{Demo, request};
use http_body_util::Full;
use hyper::Request;
use tonic::{Code, metadata::MetadataMap};

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT_ID: &str = "00f067aa0ba902b7";

#[tokio::test]
async fn a_foreign_traceparent_by_http_continues_through_three_services() {
    let demo = Demo::start().await;
    let call = Request::get(format!("http://{}/v1/users/1", demo.http().await))
        .header("traceparent", format!("00-{TRACE_ID}-{PARENT_ID}-01"))
        .header("tracestate", "vendor=value");
    let answer = request(call.body(Full::default()).unwrap()).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-trace-id"), TRACE_ID);
    assert!(
        answer
            .header("traceresponse")
            .starts_with(&format!("00-{TRACE_ID}-"))
    );
    continues_through_three_services(&demo).await;
}

#[tokio::test]
async fn a_foreign_traceparent_by_grpc_continues_through_three_services() {
    let demo = Demo::start().await;
    let seen = demo.caller().await.get_with("1", traceparent("01")).await;

    assert_eq!(seen.code, Code::Ok);
    assert_eq!(seen.trace_id, TRACE_ID);
    continues_through_three_services(&demo).await;
}

#[tokio::test]
async fn a_caller_that_does_not_sample_keeps_its_trace_id_and_gets_no_spans() {
    let mut demo = Demo::start().await;
    let mut caller = demo.caller().await;
    let unsampled = caller.get_with("1", traceparent("00")).await;
    assert_eq!(
        (unsampled.code, unsampled.trace_id.as_str()),
        (Code::Ok, TRACE_ID)
    );

    // One that is sampled shows when the services have exported all there is.
    let sampled = caller.get("1").await;
    assert_eq!(demo.stop().await, [Some(0); 3]);
    let traces = demo.collector.traces();
    assert_eq!(traces.into_keys().collect::<Vec<_>>(), [sampled.trace_id]);
}

#[tokio::test]
async fn a_malformed_traceparent_starts_a_new_trace_and_never_fails_the_call() {
    let demo = Demo::start().await;
    let mut caller = demo.caller().await;
    for (text, reason) in [
        ("", "empty"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736", "no parent"),
        (
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "version ff",
        ),
        (
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "zero trace id",
        ),
        (
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "capitals",
        ),
    ] {
        let mut metadata = MetadataMap::new();
        metadata.insert("traceparent", text.parse().unwrap());
        let seen = caller.get_with("1", metadata).await;
        assert_eq!(seen.code, Code::Ok, "{reason}");
        assert_ne!(seen.trace_id, TRACE_ID, "{reason}");
        let trace = demo.collector.trace(&seen.trace_id, 9).await;
        assert_eq!(trace.roots()[0].parent, "", "{reason}");
    }
}

async fn continues_through_three_services(demo: &Demo) {
    let trace = demo.collector.trace(TRACE_ID, 9).await;
    let [root] = trace.roots()[..] else {
        panic!("one root: {}", trace.tree())
    };
    assert_eq!(
        (root.service.as_str(), root.parent.as_str()),
        ("gateway", PARENT_ID)
    );
    for service in ["gateway", "user", "profile"] {
        assert_eq!(trace.of(service, "SERVER").count(), 1, "{}", trace.tree());
    }
}

fn traceparent(flags: &str) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    let value = format!("00-{TRACE_ID}-{PARENT_ID}-{flags}");
    metadata.insert("traceparent", value.parse().expect("visible ASCII"));
    metadata
}
