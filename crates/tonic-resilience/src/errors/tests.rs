use std::time::Duration;

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use tonic::Code;
use tonic_types::StatusExt;

use super::ErrorReply;

#[test]
fn the_details_say_what_programs_need() {
    let status = ErrorReply::new(
        Code::InvalidArgument,
        "INVALID_USER",
        "two fields are wrong",
    )
    .domain("shop")
    .metadata("user_id", "7")
    .violation("user.email", "must hold one @")
    .violation("user.name", "must not be empty")
    .retry_after(Duration::from_millis(250))
    .into_status();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "two fields are wrong");
    let details = status.get_error_details();
    let info = details.error_info().expect("ErrorInfo");
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("INVALID_USER", "shop")
    );
    assert_eq!(info.metadata["user_id"], "7");
    let fields = &details.bad_request().expect("BadRequest").field_violations;
    let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(names, ["user.email", "user.name"]);
    let retry = details.retry_info().expect("RetryInfo").retry_delay;
    assert_eq!(retry, Some(Duration::from_millis(250)));
    assert!(details.request_info().is_none(), "there is no trace");
}

#[test]
fn inside_a_trace_the_request_id_is_the_trace_id() {
    let trace_id = TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
    let span = SpanContext::new(
        trace_id,
        SpanId::from(0xb7ad_6b71_6920_3331),
        TraceFlags::SAMPLED,
        false,
        TraceState::default(),
    );
    let _active = Context::new().with_remote_span_context(span).attach();
    let status = ErrorReply::new(Code::NotFound, "USER_NOT_FOUND", "no such user").into_status();
    let details = status.get_error_details();
    let request = details.request_info().expect("RequestInfo");
    assert_eq!(request.request_id, "0af7651916cd43dd8448eb211c80319c");
}
