//! `LookupUsers`.

use futures_util::stream;
use proto::user::v1::{
    LookupUsersRequest, LookupUsersResponse, lookup_users_response::Result as Found,
};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Code, Status};

use test_support::DEADLINE;

use crate::support::{self, Mood};

fn ask(user_id: impl Into<String>) -> LookupUsersRequest {
    LookupUsersRequest {
        user_id: user_id.into(),
    }
}

/// The user id of a user with a profile, or the reason why there is none.
fn outcome(answer: LookupUsersResponse) -> String {
    match answer.result.expect("each answer has a result") {
        Found::User(user) => user.profile.expect("each user has a profile").user_id,
        Found::Error(error) => error.reason,
    }
}

#[tokio::test]
async fn ids_are_answered_in_order_and_bad_ones_end_nothing() {
    let service = support::start().await;
    let ids = ["nobody", "3", "not an id", "1", "", "2", "1001"];
    let answers = service
        .client
        .clone()
        .lookup_users(stream::iter(ids.map(ask)))
        .await;
    let answers: Vec<_> = answers
        .unwrap()
        .into_inner()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    let asked: Vec<_> = answers
        .iter()
        .map(|answer| answer.user_id.as_str())
        .collect();
    assert_eq!(asked, ids);
    let (unknown, invalid) = ("USER_NOT_FOUND", "INVALID_USER_ID");
    let expected = [unknown, "3", invalid, "1", invalid, "2", unknown];
    assert_eq!(
        answers.into_iter().map(outcome).collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn each_id_is_answered_before_the_next_is_sent() {
    let service = support::start().await;
    let (ids, receiver) = mpsc::channel(1);
    let answers = service
        .client
        .clone()
        .lookup_users(ReceiverStream::new(receiver))
        .await;
    let mut answers = answers.unwrap().into_inner();
    for user_id in ["1", "2", "nobody", "3"] {
        ids.send(ask(user_id)).await.unwrap();
        let answer = timeout(DEADLINE, answers.message())
            .await
            .expect("an answer");
        assert_eq!(answer.unwrap().unwrap().user_id, user_id);
    }
    drop(ids);
    assert!(
        answers.message().await.unwrap().is_none(),
        "the stream ends with the caller's"
    );
}

#[tokio::test]
async fn a_thousand_ids_are_answered_in_order() {
    let service = support::start().await;
    let ids = stream::iter((1..=1000).map(|number: u32| ask(number.to_string())));
    let answers = service
        .client
        .clone()
        .lookup_users(ids)
        .await
        .unwrap()
        .into_inner();
    let answers: Vec<_> = answers.collect::<Result<_, _>>().await.unwrap();
    let expected: Vec<_> = (1..=1000).map(|number: u32| number.to_string()).collect();
    assert_eq!(
        answers.into_iter().map(outcome).collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn a_user_without_a_profile_is_still_a_user() {
    let service = support::start().await;
    service.profiles.forget("2");
    let ids = stream::iter(["1", "2", "3"].map(ask));
    let answers = service
        .client
        .clone()
        .lookup_users(ids)
        .await
        .unwrap()
        .into_inner();
    let answers: Vec<LookupUsersResponse> = answers.collect::<Result<_, _>>().await.unwrap();
    let has_profile = |answer: &LookupUsersResponse| match &answer.result {
        Some(Found::User(user)) => user.profile.is_some(),
        other => panic!("expected a user, got {other:?}"),
    };
    assert_eq!(
        answers.iter().map(has_profile).collect::<Vec<_>>(),
        [true, false, true]
    );
}

#[tokio::test]
async fn an_error_of_the_next_hop_is_an_error_of_the_call() {
    let service = support::start().await;
    service
        .profiles
        .set_mood(Mood::Failing(Status::unavailable("not today: 10.0.0.1")));
    let answered = service
        .client
        .clone()
        .lookup_users(stream::iter(["1"].map(ask)))
        .await;
    let status = answered.unwrap().into_inner().message().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.message(), "the profile service is unavailable");
}
