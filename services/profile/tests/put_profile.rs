//! `PutProfile`.

use proto::profile::v1::{GetProfileRequest, Profile, PutProfileRequest};
use rstest::rstest;
use tonic::{Code, Status};

use test_support::service::reason;

use crate::support::{self, Running};

fn profile(user_id: &str, bio: &str, city: &str) -> Profile {
    Profile {
        user_id: user_id.to_owned(),
        bio: bio.to_owned(),
        city: city.to_owned(),
        updated_at: None,
    }
}

async fn put(service: &mut Running, profile: Option<Profile>) -> Result<Profile, Status> {
    let answer = service
        .client
        .put_profile(PutProfileRequest { profile })
        .await?;
    Ok(answer
        .into_inner()
        .profile
        .expect("the answer has the profile"))
}

#[tokio::test]
async fn a_profile_is_kept_as_it_was_put() {
    let mut service = support::start().await;
    // Quotes, other scripts and line breaks are data like any other.
    let texts = profile("new", "'; DROP TABLE profiles; -- \n\t$1 ?", "東京 🗼");
    let kept = put(&mut service, Some(texts.clone())).await.unwrap();
    assert!(kept.updated_at.is_some());
    assert_eq!(
        Profile {
            updated_at: None,
            ..kept.clone()
        },
        texts
    );

    let request = GetProfileRequest {
        user_id: "new".to_owned(),
    };
    let found = service
        .client
        .get_profile(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found.profile, Some(kept));
}

#[tokio::test]
async fn repeating_changes_nothing_and_a_change_moves_the_time() {
    let mut service = support::start().await;
    let first = put(&mut service, Some(profile("1", "a", "b")))
        .await
        .unwrap();
    let again = put(&mut service, Some(profile("1", "a", "b")))
        .await
        .unwrap();
    assert_eq!(first, again);
    let changed = put(&mut service, Some(profile("1", "a", "c")))
        .await
        .unwrap();
    assert_eq!(changed.city, "c");
    let time = |profile: &Profile| {
        let time = profile.updated_at.expect("the service sets the time");
        (time.seconds, time.nanos)
    };
    assert!(time(&changed) >= time(&first));
}

#[tokio::test]
async fn the_time_in_a_request_is_ignored() {
    let mut service = support::start().await;
    let mut sent = profile("1", "a", "b");
    sent.updated_at = Some(prost_types::Timestamp {
        seconds: i64::MAX,
        nanos: i32::MIN,
    });
    let kept = put(&mut service, Some(sent.clone())).await.unwrap();
    assert_ne!(kept.updated_at, sent.updated_at);
}

#[rstest]
#[case(None, &["profile"])]
#[case(Some(profile("", "", "")), &["profile.user_id"])]
#[case(Some(profile("1", &"x".repeat(501), "")), &["profile.bio"])]
#[case(Some(profile("1", "", &"x".repeat(81))), &["profile.city"])]
#[case(Some(profile("?", "\0", "\0")), &["profile.user_id", "profile.bio", "profile.city"])]
#[tokio::test]
async fn each_field_at_fault_is_named(#[case] sent: Option<Profile>, #[case] fields: &[&str]) {
    let mut service = support::start().await;
    let status = put(&mut service, sent).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let (reason, named) = reason(&status);
    assert_eq!(reason, "INVALID_PROFILE");
    assert_eq!(named, fields);
}
