//! Refused calls: their details, their traces and their samples.

use crate::support::{Demo, get};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes, header::CONTENT_TYPE};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use proto::gateway::v1::GetUserRequest;
use tonic::Code;
use tonic_types::StatusExt as _;

#[tokio::test]
async fn an_unknown_user_is_not_found_with_a_reason_and_its_trace() {
    let demo = Demo::start().await;
    let mut gateway = demo.caller().await.gateway;
    let request = GetUserRequest {
        user_id: "4711".to_owned(),
    };
    let status = gateway.get_user(request).await.unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("USER_NOT_FOUND", "tracewalk")
    );
    let trace_id = status
        .metadata()
        .get("x-trace-id")
        .unwrap()
        .to_str()
        .unwrap();
    assert_eq!(details.request_info().unwrap().request_id, trace_id);

    // A server that refuses well has not failed; its caller did not get what it wanted.
    let trace = demo.collector.trace(trace_id, 5).await;
    for span in trace.spans().iter().filter(|span| span.name.contains('/')) {
        assert_eq!(
            span.attribute("rpc.response.status_code"),
            "NOT_FOUND",
            "{span:?}"
        );
        assert_eq!(span.is_error, span.kind != "SERVER", "{span:?}");
    }
}

#[tokio::test]
async fn an_unknown_user_by_http_is_a_404_with_the_same_details() {
    let demo = Demo::start().await;
    let answer = get(&format!("http://{}/v1/users/4711", demo.http().await)).await;
    assert_eq!(answer.status, 404);
    let error = &answer.json()["error"];
    assert_eq!(error["code"], "NOT_FOUND");
    assert_eq!(error["trace_id"], answer.header("x-trace-id"));
    assert!(
        error["details"].to_string().contains("USER_NOT_FOUND"),
        "{error}"
    );
    demo.collector.trace(answer.header("x-trace-id"), 5).await;
}

#[tokio::test]
async fn methods_that_do_not_exist_share_one_name_however_many_there_are() {
    let demo = Demo::start().await;
    let gateway = demo.gateway.address("grpc").await;
    for method in ["Nope", "Other", "GetUserr"] {
        let path = format!("/tracewalk.gateway.v1.GatewayService/{method}");
        assert_eq!(grpc_status(&format!("http://{gateway}{path}")).await, "12");
    }
    let metrics = demo.gateway.metrics().await;
    let other = [
        ("service", "_OTHER"),
        ("method", "_OTHER"),
        ("code", "UNIMPLEMENTED"),
    ];
    assert_eq!(metrics.sum("grpc_rpc_duration_seconds_count", &other), 3);
    assert_eq!(
        metrics.series("grpc_rpc_duration_seconds_count", &[("service", "_OTHER")]),
        1
    );

    let spans = crate::support::until("three spans", async || {
        Some(demo.collector.spans()).filter(|spans| spans.len() == 3)
    })
    .await;
    for span in spans {
        assert_eq!(
            (span.name.as_str(), span.attribute("rpc.method")),
            ("grpc", "_OTHER")
        );
        let original = span.attribute("rpc.method_original");
        assert!(
            original.starts_with("tracewalk.gateway.v1.GatewayService/"),
            "{original}"
        );
    }
}

/// Calls with an empty message, and returns the status of an answer that has headers alone.
async fn grpc_status(url: &str) -> String {
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    let message = Full::<Bytes>::from(&[0_u8; 5][..]);
    let request = Request::post(url)
        .header(CONTENT_TYPE, "application/grpc")
        .body(message);
    let answer = client
        .request(request.expect("well formed"))
        .await
        .expect("an answer");
    let status = answer
        .headers()
        .get("grpc-status")
        .cloned()
        .expect("headers alone");
    answer.into_body().collect().await.expect("the end");
    status.to_str().expect("digits").to_owned()
}
