//! `WatchUser`.

use std::time::Duration;

use proto::user::v1::WatchUserRequest;
use rstest::rstest;
use tonic::Code;

use test_support::service::reason;

use crate::support;

fn watch(user_id: &str, updates: u32, interval: Duration) -> WatchUserRequest {
    let interval = Some(interval.try_into().expect("a short interval"));
    WatchUserRequest {
        user_id: user_id.to_owned(),
        updates,
        interval,
    }
}

#[tokio::test]
async fn each_update_joins_the_user_with_the_profile() {
    let mut service = support::start().await;
    let request = watch("1", 5, Duration::from_millis(10));
    let mut updates = service
        .client
        .watch_user(request)
        .await
        .unwrap()
        .into_inner();
    let mut sequences = Vec::new();
    while let Some(update) = updates.message().await.unwrap() {
        let user = update.user.unwrap();
        assert_eq!(user.name, "Ada Almeida");
        assert_eq!(user.profile.unwrap().city, "Oslo");
        sequences.push(update.sequence);
    }
    assert_eq!(sequences, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_profile_that_goes_meanwhile_ends_the_watch_with_its_error() {
    let mut service = support::start().await;
    let request = watch("1", 1000, Duration::from_millis(10));
    let mut updates = service
        .client
        .watch_user(request)
        .await
        .unwrap()
        .into_inner();
    assert!(updates.message().await.unwrap().is_some());
    service.profiles.forget("1");
    let status = loop {
        match updates.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("expected an error before the end"),
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn an_unknown_user_is_an_error_of_the_call() {
    let mut service = support::start().await;
    let request = watch("nobody", 1, Duration::from_millis(10));
    let status = service.client.watch_user(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason(&status).0, "USER_NOT_FOUND");
}

#[rstest]
#[case(watch("", 1, Duration::from_secs(1)), "user_id")]
#[case(watch("1", 1001, Duration::from_secs(1)), "updates")]
#[case(watch("1", 1, Duration::from_millis(9)), "interval")]
#[tokio::test]
async fn a_watch_out_of_bounds_is_refused(#[case] request: WatchUserRequest, #[case] field: &str) {
    let mut service = support::start().await;
    let status = service.client.watch_user(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        reason(&status),
        ("INVALID_WATCH".to_owned(), vec![field.to_owned()])
    );
}
