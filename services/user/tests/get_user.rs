//! `GetUser`.

use opentelemetry::{KeyValue, trace::SpanKind};
use opentelemetry_sdk::trace::SpanData;
use proto::user::v1::{GetUserRequest, GetUserResponse};
use rstest::rstest;
use tonic::{Code, Status};
use tonic_resilience::errors::ErrorReply;
use tonic_types::StatusExt as _;

use test_support::service::reason;

use crate::support::{self, Mood, Running};

async fn get(service: &Running, user_id: &str) -> Result<GetUserResponse, Status> {
    let request = GetUserRequest {
        user_id: user_id.to_owned(),
    };
    Ok(service.client.clone().get_user(request).await?.into_inner())
}

#[tokio::test]
async fn the_thousand_users_are_there_with_their_profiles() {
    let service = support::start().await;
    for (user_id, name) in [
        ("1", "Ada Almeida"),
        ("2", "Amina Bauer"),
        ("1000", "Zoe Yilmaz"),
    ] {
        let GetUserResponse { user, degraded } = get(&service, user_id).await.unwrap();
        let user = user.unwrap();
        assert_eq!((user.user_id.as_str(), user.name.as_str()), (user_id, name));
        assert_eq!(user.profile.unwrap().city, "Oslo");
        assert!(!degraded);
    }
}

#[tokio::test]
async fn an_unknown_user_is_not_found_and_costs_no_further_call() {
    let service = support::start().await;
    service
        .profiles
        .set_mood(Mood::Failing(Status::internal("nobody should ask")));
    let status = get(&service, "1001").await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.message(), "there is no user 1001");
    assert_eq!(reason(&status), ("USER_NOT_FOUND".to_owned(), vec![]));
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().metadata["user_id"], "1001");
    assert!(
        details.request_info().is_some(),
        "each error carries the trace id"
    );
}

#[rstest]
#[case("", "empty")]
#[case(&"x".repeat(65), "too long")]
#[case("1'; DROP TABLE users; --", "not of the alphabet")]
#[tokio::test]
async fn a_malformed_id_is_refused(#[case] user_id: &str, #[case] why: &str) {
    let service = support::start().await;
    let status = get(&service, user_id).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{why}");
    let expected = ("INVALID_USER_ID".to_owned(), vec!["user_id".to_owned()]);
    assert_eq!(reason(&status), expected, "{why}");
}

#[tokio::test]
async fn a_user_whose_profile_was_never_written_has_none() {
    let service = support::start().await;
    service.profiles.forget("1");
    let GetUserResponse { user, degraded } = get(&service, "1").await.unwrap();
    assert_eq!(user.unwrap().profile, None);
    assert!(!degraded, "the profile service was asked");
}

#[tokio::test]
async fn an_answer_without_a_profile_breaks_the_contract() {
    let service = support::start().await;
    service.profiles.set_mood(Mood::Empty);
    let status = get(&service, "1").await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
}

#[tokio::test]
async fn an_error_of_the_next_hop_passes_with_its_details() {
    let service = support::start().await;
    let error = ErrorReply::new(Code::ResourceExhausted, "TOO_MANY", "one at a time");
    service
        .profiles
        .set_mood(Mood::Failing(error.into_status()));
    let status = get(&service, "1").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(status.message(), "one at a time");
    assert_eq!(reason(&status).0, "TOO_MANY");
}

#[tokio::test]
async fn a_profile_service_that_is_not_there_leaves_a_degraded_answer() {
    let service = support::start_alone().await;
    let GetUserResponse { user, degraded } = get(&service, "1").await.unwrap();
    assert_eq!(user.unwrap().profile, None);
    assert!(degraded);
    let spans = service.finish().await;
    let marked = |span: &&SpanData| {
        let degraded = KeyValue::new("tracewalk.degraded", true);
        span.span_kind == SpanKind::Server && span.attributes.contains(&degraded)
    };
    assert_eq!(spans.iter().filter(marked).count(), 1, "{spans:#?}");
}
