//! What holds for the service as a whole.

use clap::Parser;
use opentelemetry_sdk::trace::SpanData;
use profile::Config;
use proto::profile::v1::GetProfileRequest;
use test_support::service::assert_hosted;

use crate::support;

const NAME: &str = "tracewalk.profile.v1.ProfileService";

#[tokio::test]
async fn it_is_hosted_under_its_name() {
    let service = support::start().await;
    assert_hosted(&service.served.channel, NAME).await;
}

#[tokio::test]
async fn a_query_is_a_client_span_below_the_call() {
    let mut service = support::start().await;
    let request = GetProfileRequest {
        user_id: "1".to_owned(),
    };
    service.client.get_profile(request).await.unwrap();
    let spans = service.finish().await;
    let [query, call]: [SpanData; 2] = spans.try_into().expect("two spans: starting makes none");
    assert_eq!(call.name, "tracewalk.profile.v1.ProfileService/GetProfile");
    assert_eq!(query.name, "SELECT profiles");
    assert_eq!(query.parent_span_id, call.span_context.span_id());
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    config: Config,
}

#[test]
fn the_defaults_are_those_of_the_reference() {
    let config = Cli::try_parse_from(["profile"]).unwrap().config;
    assert_eq!(config.listen.to_string(), "127.0.0.1:50053");
    assert_eq!(config.admin_listen.to_string(), "127.0.0.1:9103");
    assert_eq!(config.database_url.to_string(), "sqlite:data/profile.db");
    assert_eq!(config.host.limits.grace.as_secs(), 10);
}

#[test]
fn a_malformed_flag_is_refused() {
    for (flag, value) in [
        ("--listen", "50053"),
        ("--database-url", "mysql://host/name"),
        ("--database-url", "data/profile.db"),
        ("--grace", "10"),
    ] {
        assert!(
            Cli::try_parse_from(["profile", flag, value]).is_err(),
            "{flag} {value}"
        );
    }
}
