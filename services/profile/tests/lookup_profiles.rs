//! `LookupProfiles`.

use futures_util::stream;
use proto::profile::v1::{
    LookupProfilesRequest, LookupProfilesResponse, lookup_profiles_response::Result as Found,
};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};

use test_support::DEADLINE;

use crate::support::{self, Running};

fn ask(user_id: impl Into<String>) -> LookupProfilesRequest {
    LookupProfilesRequest {
        user_id: user_id.into(),
    }
}

/// The user id of a profile, or the reason why there is none.
fn outcome(answer: LookupProfilesResponse) -> String {
    match answer.result.expect("each answer has a result") {
        Found::Profile(profile) => profile.user_id,
        Found::Error(error) => error.reason,
    }
}

fn outcomes(answers: Vec<LookupProfilesResponse>) -> Vec<String> {
    answers.into_iter().map(outcome).collect()
}

/// Looks up all of these in one call.
async fn lookup<T: Into<String>>(
    service: &Running,
    ids: impl IntoIterator<Item = T>,
) -> Vec<LookupProfilesResponse> {
    let asked: Vec<_> = ids.into_iter().map(ask).collect();
    let mut client = service.client.clone();
    let answers = client
        .lookup_profiles(stream::iter(asked))
        .await
        .expect("answers");
    let answers = answers.into_inner().collect::<Result<_, _>>();
    answers.await.expect("no answer is an error")
}

#[tokio::test]
async fn ids_are_answered_in_order_and_bad_ones_end_nothing() {
    let service = support::start().await;
    let ids = ["3", "nobody", "1", "not an id", "", "2"];
    let answers = lookup(&service, ids).await;
    let asked: Vec<_> = answers.iter().map(|it| it.user_id.as_str()).collect();
    assert_eq!(asked, ids);
    let expected = [
        "3",
        "USER_NOT_FOUND",
        "1",
        "INVALID_USER_ID",
        "INVALID_USER_ID",
        "2",
    ];
    assert_eq!(outcomes(answers), expected);
}

#[tokio::test]
async fn each_id_is_answered_before_the_next_is_sent() {
    let service = support::start().await;
    let (ids, receiver) = mpsc::channel(1);
    let answers = service
        .client
        .clone()
        .lookup_profiles(ReceiverStream::new(receiver))
        .await;
    let mut answers = answers.unwrap().into_inner();
    for number in 1..=5 {
        ids.send(ask(number.to_string())).await.unwrap();
        let answer = timeout(DEADLINE, answers.message()).await;
        assert_eq!(
            outcome(answer.expect("an answer").unwrap().unwrap()),
            number.to_string()
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
