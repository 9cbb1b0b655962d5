//! `LookupUsers`.

use futures_util::stream;
use proto::user::v1::{
    LookupUsersRequest, LookupUsersResponse, lookup_users_response::Result as Found,
};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Code, Status};

use test_support::DEADLINE;

use crate::support::{self, Mood, Running};

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

fn outcomes(answers: Vec<LookupUsersResponse>) -> Vec<String> {
    answers.into_iter().map(outcome).collect()
}

/// Looks up all of these in one call.
async fn lookup<T: Into<String>>(
    service: &Running,
    ids: impl IntoIterator<Item = T>,
) -> Vec<LookupUsersResponse> {
    let asked: Vec<_> = ids.into_iter().map(ask).collect();
    let mut client = service.client.clone();
    let answers = client
        .lookup_users(stream::iter(asked))
        .await
        .expect("answers");
    let answers = answers.into_inner().collect::<Result<_, _>>();
    answers.await.expect("no answer is an error")
}

#[tokio::test]
async fn ids_are_answered_in_order_and_bad_ones_end_nothing() {
    let service = support::start().await;
    let ids = ["nobody", "3", "not an id", "1", "", "2", "1001"];
    let answers = lookup(&service, ids).await;
    let asked: Vec<_> = answers.iter().map(|it| it.user_id.as_str()).collect();
    assert_eq!(asked, ids);
    let (unknown, invalid) = ("USER_NOT_FOUND", "INVALID_USER_ID");
    let expected = [unknown, "3", invalid, "1", invalid, "2", unknown];
    assert_eq!(outcomes(answers), expected);
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
        let answer = timeout(DEADLINE, answers.message()).await;
        assert_eq!(
            answer.expect("an answer").unwrap().unwrap().user_id,
            user_id
        );
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
    let ids: Vec<_> = (1..=1000).map(|number: u32| number.to_string()).collect();
    assert_eq!(outcomes(lookup(&service, ids.clone()).await), ids);
}

#[tokio::test]
async fn a_user_without_a_profile_is_still_a_user() {
    let service = support::start().await;
    service.profiles.forget("2");
    let answers = lookup(&service, ["1", "2", "3"]).await;
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
