//! `ImportProfiles`.

use futures_util::stream;
use proto::profile::v1::{GetProfileRequest, ImportProfilesRequest, Profile};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use test_support::{DEADLINE, service::reason};

use crate::support::{self, Running};

fn item(user_id: &str, city: &str) -> ImportProfilesRequest {
    let profile = Profile {
        user_id: user_id.to_owned(),
        city: city.to_owned(),
        ..Profile::default()
    };
    ImportProfilesRequest {
        profile: Some(profile),
    }
}

async fn import(service: &Running, items: Vec<ImportProfilesRequest>) -> Result<u32, Status> {
    let mut client = service.client.clone();
    let answer = client.import_profiles(stream::iter(items)).await?;
    Ok(answer.into_inner().imported)
}

async fn city(service: &Running, user_id: &str) -> Option<String> {
    let request = GetProfileRequest {
        user_id: user_id.to_owned(),
    };
    let found = service.client.clone().get_profile(request).await.ok()?;
    found.into_inner().profile.map(|profile| profile.city)
}

#[tokio::test]
async fn all_that_is_sent_is_written() {
    let service = support::start().await;
    let items = (0..250).map(|number| item(&format!("new-{number}"), "Oslo"));
    assert_eq!(import(&service, items.collect()).await.unwrap(), 250);
    for number in [0, 99, 100, 249] {
        let found = city(&service, &format!("new-{number}")).await;
        assert_eq!(found.as_deref(), Some("Oslo"), "number {number}");
    }
}

#[tokio::test]
async fn an_empty_import_writes_nothing() {
    let service = support::start().await;
    assert_eq!(import(&service, Vec::new()).await.unwrap(), 0);
}

#[tokio::test]
async fn of_two_items_for_one_user_the_last_stays() {
    let service = support::start().await;
    let items = vec![item("1", "Oslo"), item("2", "Lima"), item("1", "Rome")];
    assert_eq!(import(&service, items).await.unwrap(), 3);
    assert_eq!(city(&service, "1").await.as_deref(), Some("Rome"));
}

#[tokio::test]
async fn an_invalid_item_ends_the_import_and_those_before_stay() {
    let service = support::start().await;
    let items = vec![
        item("a", "Oslo"),
        item("b", "Oslo"),
        item("not an id", ""),
        item("c", ""),
    ];
    let status = import(&service, items).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let expected = (
        "INVALID_PROFILE".to_owned(),
        vec!["profile.user_id".to_owned()],
    );
    assert_eq!(reason(&status), expected);
    assert_eq!(city(&service, "b").await.as_deref(), Some("Oslo"));
    assert_eq!(city(&service, "c").await, None);
}

#[tokio::test]
async fn batches_are_written_while_the_caller_still_sends() {
    let service = support::start().await;
    let (items, receiver) = mpsc::channel(1);
    let mut client = service.client.clone();
    let importing =
        tokio::spawn(async move { client.import_profiles(ReceiverStream::new(receiver)).await });
    for number in 0..100 {
        items
            .send(item(&format!("early-{number}"), "Oslo"))
            .await
            .unwrap();
    }
    let written = timeout(DEADLINE, async {
        while city(&service, "early-99").await.is_none() {
            tokio::task::yield_now().await;
        }
    });
    assert!(
        written.await.is_ok(),
        "the first hundred are there before the end"
    );
    items.send(item("late", "Oslo")).await.unwrap();
    drop(items);
    let answer = importing.await.unwrap().unwrap();
    assert_eq!(answer.into_inner().imported, 101);
}
