//! `GetProfile`.

use proto::profile::v1::{GetProfileRequest, Profile};
use rstest::rstest;
use tonic::Code;

use test_support::service::reason;

use crate::support;

fn ask(user_id: &str) -> GetProfileRequest {
    GetProfileRequest {
        user_id: user_id.to_owned(),
    }
}

#[tokio::test]
async fn the_profiles_of_the_thousand_users_are_there() {
    let mut service = support::start().await;
    for number in [1, 2, 500, 999, 1000] {
        let answer = service
            .client
            .get_profile(ask(&number.to_string()))
            .await
            .unwrap();
        let profile = answer.into_inner().profile.unwrap();
        assert_eq!(profile.user_id, number.to_string());
        assert!(
            !profile.bio.is_empty() && !profile.city.is_empty(),
            "{profile:?}"
        );
        assert_eq!(
            profile.updated_at.unwrap().to_string(),
            "2024-01-01T00:00:00Z"
        );
    }
}

#[tokio::test]
async fn a_second_start_finds_the_same_profiles() {
    let mut first = support::start().await;
    let before = first
        .client
        .get_profile(ask("7"))
        .await
        .unwrap()
        .into_inner();
    let url = first.database.url().clone();
    let mut second = support::start_over(url, first.database).await;
    let after = second
        .client
        .get_profile(ask("7"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(before, after);
    assert!(matches!(before.profile, Some(Profile { .. })));
}

#[tokio::test]
async fn an_unknown_user_is_not_found() {
    let mut service = support::start().await;
    let status = service.client.get_profile(ask("1001")).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason(&status), ("USER_NOT_FOUND".to_owned(), vec![]));
    assert_eq!(status.message(), "there is no profile of user 1001");
}

#[rstest]
#[case("", "empty")]
#[case(&"x".repeat(65), "too long")]
#[case("1 OR 1=1", "not of the alphabet")]
#[case("1\0", "a control character")]
#[tokio::test]
async fn a_malformed_id_is_refused(#[case] user_id: &str, #[case] why: &str) {
    let mut service = support::start().await;
    let status = service.client.get_profile(ask(user_id)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{why}");
    let expected = ("INVALID_USER_ID".to_owned(), vec!["user_id".to_owned()]);
    assert_eq!(reason(&status), expected, "{why}");
}
