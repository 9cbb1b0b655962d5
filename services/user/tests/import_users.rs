//! `ImportUsers`.

use futures_util::stream;
use proto::user::v1::{ImportUsersRequest, ImportUsersResponse, NewUser, Rejection};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use tonic_resilience::errors::ErrorReply;

use test_support::{DEADLINE, service::reason};

use crate::support::{self, ImportEnd, Mood, Running};

fn item(number: u32) -> ImportUsersRequest {
    let user = NewUser {
        name: format!("User {number}"),
        email: format!("{number}@new.example"),
        city: "Lima".to_owned(),
        ..NewUser::default()
    };
    ImportUsersRequest { user: Some(user) }
}

async fn import(
    service: &Running,
    items: Vec<ImportUsersRequest>,
) -> Result<ImportUsersResponse, Status> {
    let answer = service
        .client
        .clone()
        .import_users(stream::iter(items))
        .await?;
    Ok(answer.into_inner())
}

fn counts(summary: &ImportUsersResponse) -> (u32, u32, u32) {
    (summary.imported, summary.skipped, summary.rejected)
}

/// Waits for the next import to end at the profile service.
async fn import_end(service: &Running) -> ImportEnd {
    let mut imports = service.profiles.imports();
    let ended = timeout(DEADLINE, imports.wait_for(|imports| !imports.is_empty())).await;
    ended.expect("the import ends").expect("the service lives")[0]
}

#[tokio::test]
async fn all_are_made_and_their_profiles_go_on() {
    let service = support::start().await;
    let summary = import(&service, (0..250).map(item).collect())
        .await
        .unwrap();
    assert_eq!(counts(&summary), (250, 0, 0));
    assert_eq!(import_end(&service).await, ImportEnd::Complete(250));
}

#[tokio::test]
async fn importing_twice_makes_nothing_twice() {
    let service = support::start().await;
    let items: Vec<_> = (0..150).map(item).collect();
    assert_eq!(
        counts(&import(&service, items.clone()).await.unwrap()),
        (150, 0, 0)
    );
    assert_eq!(counts(&import(&service, items).await.unwrap()), (0, 150, 0));
}

#[tokio::test]
async fn known_addresses_are_skipped_also_within_one_import() {
    let service = support::start().await;
    let known = NewUser {
        name: "Ada".to_owned(),
        email: "ada.almeida@example.com".to_owned(),
        ..NewUser::default()
    };
    let items = vec![
        item(1),
        ImportUsersRequest { user: Some(known) },
        item(1),
        item(2),
    ];
    assert_eq!(counts(&import(&service, items).await.unwrap()), (2, 2, 0));
}

#[tokio::test]
async fn invalid_items_are_counted_and_the_first_twenty_named() {
    let service = support::start().await;
    let invalid = ImportUsersRequest {
        user: Some(NewUser::default()),
    };
    let mut items = vec![item(0), ImportUsersRequest { user: None }, item(1)];
    items.extend(std::iter::repeat_n(invalid, 30));
    let summary = import(&service, items).await.unwrap();
    assert_eq!(counts(&summary), (2, 0, 31));
    assert_eq!(summary.rejections.len(), 20);
    let expected = Rejection {
        index: 1,
        reason: "user: expected a user".to_owned(),
    };
    assert_eq!(summary.rejections[0], expected);
    assert_eq!(summary.rejections[1].index, 3);
}

#[tokio::test]
async fn an_empty_import_makes_nothing() {
    let service = support::start().await;
    assert_eq!(
        counts(&import(&service, Vec::new()).await.unwrap()),
        (0, 0, 0)
    );
    assert_eq!(import_end(&service).await, ImportEnd::Complete(0));
}

// On many threads: there the end of a stream can overtake its cancellation.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn half_an_upload_never_looks_whole_to_the_next_hop() {
    let service = support::start().await;
    let (items, receiver) = mpsc::channel(1);
    let mut client = service.client.clone();
    let importing =
        tokio::spawn(async move { client.import_users(ReceiverStream::new(receiver)).await });
    for number in 0..100 {
        items.send(item(number)).await.unwrap();
    }
    let arrived = timeout(DEADLINE, async {
        while service.profiles.count() < 1100 {
            tokio::task::yield_now().await;
        }
    });
    assert!(
        arrived.await.is_ok(),
        "the first batch goes on before the end"
    );
    importing.abort();
    let end = import_end(&service).await;
    assert!(matches!(end, ImportEnd::BrokenOff(_)), "{end:?}");
    // Held until here: a stream that ends is a whole upload.
    drop(items);
}

#[tokio::test]
async fn an_error_of_the_next_hop_ends_the_import() {
    let service = support::start().await;
    let error = ErrorReply::new(Code::ResourceExhausted, "TOO_MANY", "one at a time");
    service
        .profiles
        .set_mood(Mood::Failing(error.into_status()));
    let status = import(&service, (0..1000).map(item).collect())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(reason(&status).0, "TOO_MANY");
}

#[tokio::test]
async fn a_summary_before_the_end_is_no_success() {
    let service = support::start().await;
    service.profiles.set_mood(Mood::Hasty);
    let status = import(&service, (0..1000).map(item).collect())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    assert_eq!(reason(&status).0, "INTERNAL");
}
