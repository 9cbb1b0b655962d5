//! What holds for the service as a whole.

use clap::Parser;
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::SpanData;
use proto::user::v1::GetUserRequest;
use test_support::service::assert_hosted;
use user::Config;

use crate::support;

const NAME: &str = "tracewalk.user.v1.UserService";

#[tokio::test]
async fn it_is_hosted_under_its_name() {
    let service = support::start().await;
    assert_hosted(&service.served.channel, NAME).await;
}

#[tokio::test]
async fn a_query_and_a_call_are_client_spans_and_an_attempt_is_below_its_call() {
    let mut service = support::start().await;
    let request = GetUserRequest {
        user_id: "1".to_owned(),
    };
    service.client.get_user(request).await.unwrap();
    let spans = service.finish().await;
    let [query, attempt, onward, call]: [SpanData; 4] = spans.try_into().expect("four spans");
    assert_eq!(call.name, "tracewalk.user.v1.UserService/GetUser");
    assert_eq!(call.span_kind, SpanKind::Server);
    assert_eq!(query.name, "SELECT users");
    assert_eq!(
        onward.name,
        "tracewalk.profile.v1.ProfileService/GetProfile"
    );
    assert_eq!(
        attempt.name,
        "Attempt tracewalk.profile.v1.ProfileService/GetProfile"
    );
    assert_eq!(attempt.span_kind, SpanKind::Internal);
    assert_eq!(attempt.parent_span_id, onward.span_context.span_id());
    for below in [query, onward] {
        assert_eq!(below.span_kind, SpanKind::Client);
        assert_eq!(below.parent_span_id, call.span_context.span_id());
    }
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    config: Config,
}

#[test]
fn the_defaults_are_those_of_the_reference() {
    let config = Cli::try_parse_from(["user"]).unwrap().config;
    assert_eq!(config.listen.to_string(), "127.0.0.1:50052");
    assert_eq!(config.admin_listen.to_string(), "127.0.0.1:9102");
    assert_eq!(config.database_url.to_string(), "sqlite:data/user.db");
    assert_eq!(config.profile.to_string(), "static:///127.0.0.1:50053");
    assert_eq!(config.host.limits.grace.as_secs(), 10);
}

#[test]
fn a_malformed_flag_is_refused() {
    for (flag, value) in [
        ("--listen", "50052"),
        ("--database-url", "mysql://host/name"),
        ("--database-url", "data/user.db"),
        ("--profile", "127.0.0.1:50053"),
        ("--grace", "10"),
    ] {
        assert!(
            Cli::try_parse_from(["user", flag, value]).is_err(),
            "{flag} {value}"
        );
    }
}
