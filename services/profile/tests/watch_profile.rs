//! `WatchProfile`.

use std::time::Duration;

use proto::profile::v1::{Profile, PutProfileRequest, WatchProfileRequest};
use rstest::rstest;
use tokio::time::{Instant, timeout};
use tonic::Code;

use test_support::{DEADLINE, service::reason};

use crate::support;

fn watch(user_id: &str, updates: u32, interval: Duration) -> WatchProfileRequest {
    let interval = Some(interval.try_into().expect("a short interval"));
    WatchProfileRequest {
        user_id: user_id.to_owned(),
        updates,
        interval,
    }
}

#[tokio::test]
async fn it_sends_the_asked_number_of_updates_and_ends() {
    let mut service = support::start().await;
    let interval = Duration::from_millis(20);
    let began = Instant::now();
    let answer = service
        .client
        .watch_profile(watch("1", 4, interval))
        .await
        .unwrap();
    let mut updates = answer.into_inner();
    let mut sequences = Vec::new();
    while let Some(update) = updates.message().await.unwrap() {
        assert_eq!(update.profile.unwrap().user_id, "1");
        sequences.push(update.sequence);
    }
    assert_eq!(sequences, [1, 2, 3, 4]);
    assert!(
        began.elapsed() >= 3 * interval,
        "the first comes at once, the others in time"
    );
}

#[tokio::test]
async fn by_default_there_are_three() {
    let mut service = support::start().await;
    let request = WatchProfileRequest {
        user_id: "1".to_owned(),
        updates: 0,
        interval: None,
    };
    let mut updates = service
        .client
        .watch_profile(request)
        .await
        .unwrap()
        .into_inner();
    let mut count = 0;
    while updates.message().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 3);
}

#[tokio::test]
async fn each_update_is_read_anew() {
    let mut service = support::start().await;
    let request = watch("1", 1000, Duration::from_millis(10));
    let mut updates = service
        .client
        .watch_profile(request)
        .await
        .unwrap()
        .into_inner();
    let first = updates.message().await.unwrap().unwrap();
    assert_ne!(first.profile.unwrap().city, "Atlantis");

    let profile = Profile {
        user_id: "1".to_owned(),
        city: "Atlantis".to_owned(),
        ..Profile::default()
    };
    let request = PutProfileRequest {
        profile: Some(profile),
    };
    service.client.put_profile(request).await.unwrap();
    let seen = timeout(DEADLINE, async {
        loop {
            let update = updates.message().await.unwrap().expect("the watch goes on");
            if update.profile.unwrap().city == "Atlantis" {
                break;
            }
        }
    });
    assert!(seen.await.is_ok(), "the change is seen");
}

#[tokio::test]
async fn an_unknown_user_is_an_error_of_the_call() {
    let mut service = support::start().await;
    let request = watch("nobody", 1, Duration::from_millis(10));
    let status = service.client.watch_profile(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason(&status).0, "USER_NOT_FOUND");
}

#[rstest]
#[case(watch("", 1, Duration::from_secs(1)), "user_id")]
#[case(watch("1", 1001, Duration::from_secs(1)), "updates")]
#[case(watch("1", 1, Duration::from_millis(9)), "interval")]
#[case(watch("1", 1, Duration::from_secs(61)), "interval")]
#[tokio::test]
async fn a_watch_out_of_bounds_is_refused(
    #[case] request: WatchProfileRequest,
    #[case] field: &str,
) {
    let mut service = support::start().await;
    let status = service.client.watch_profile(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        reason(&status),
        ("INVALID_WATCH".to_owned(), vec![field.to_owned()])
    );
}
