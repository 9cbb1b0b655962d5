//! Calls whose requests or answers are streams.

use super::{code, new_user, reason};
use crate::support::start;
use futures_util::{StreamExt as _, stream};
use proto::gateway::v1::{
    ImportUsersRequest, LookupUsersRequest, WatchUserRequest,
    lookup_users_response::Result as Found,
};
use tonic::Code;

#[tokio::test]
async fn a_watch_streams_until_the_user_service_ends_it() {
    let mut running = start().await;
    let request = WatchUserRequest {
        user_id: "1".to_owned(),
        updates: 4,
        interval: None,
    };

    let updates = running
        .client
        .watch_user(request)
        .await
        .unwrap()
        .into_inner();
    let updates: Vec<_> = updates.collect().await;

    let sequences = updates.iter().flatten().map(|update| update.sequence);
    assert_eq!(sequences.collect::<Vec<_>>(), [1, 2, 3, 4]);
    let end = updates.last().unwrap().as_ref().unwrap_err();
    assert_eq!(
        (end.code(), reason(end)),
        (Code::NotFound, "USER_NOT_FOUND".to_owned())
    );
    let spans = running.finish().await;
    assert!(spans.iter().all(|span| code(span) == "NOT_FOUND"));
}

#[tokio::test]
async fn an_import_streams_through() {
    let mut running = start().await;
    let requests = (0..250).map(|_| ImportUsersRequest {
        user: Some(new_user()),
    });

    let answer = running.client.import_users(stream::iter(requests)).await;

    assert_eq!(answer.unwrap().into_inner().imported, 250);
}

#[tokio::test]
async fn a_lookup_answers_each_id_before_the_next_is_sent() {
    let mut running = start().await;
    let (ids, requests) = tokio::sync::mpsc::channel(1);
    let requests = tokio_stream::wrappers::ReceiverStream::new(requests);
    let answers = running.client.lookup_users(requests);
    let (answers, ()) = tokio::join!(answers, async {
        let request = LookupUsersRequest {
            user_id: "1".to_owned(),
        };
        ids.send(request).await.unwrap();
    });
    let mut answers = answers.unwrap().into_inner();

    let first = answers.message().await.unwrap().unwrap();
    let request = LookupUsersRequest {
        user_id: "nobody".to_owned(),
    };
    ids.send(request).await.unwrap();
    let second = answers.message().await.unwrap().unwrap();
    drop(ids);

    assert!(matches!(first.result, Some(Found::User(_))));
    assert!(matches!(second.result, Some(Found::Error(_))));
    assert!(answers.message().await.unwrap().is_none());
}
