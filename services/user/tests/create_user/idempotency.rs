//! A repeated call has one effect.

use std::collections::HashSet;

use proto::user::v1::{CreateUserRequest, NewUser};
use rstest::rstest;
use tokio::task::JoinSet;
use tonic::{Code, Request, Status};

use test_support::service::reason;

use super::{ada, create, get};
use crate::support::{self, Mood};

#[tokio::test]
async fn a_repeated_key_gets_the_first_answer() {
    let service = support::start().await;
    let first = create(&service, Some(ada("a@new.example")), Some("key"))
        .await
        .unwrap();
    let again = create(&service, Some(ada("a@new.example")), Some("key"))
        .await
        .unwrap();
    assert!(!first.replayed && again.replayed);
    assert_eq!(first.user, again.user);
    assert_eq!(service.profiles.puts(), 1, "one execution");
}

#[tokio::test]
async fn a_key_that_comes_with_another_payload_is_refused() {
    let service = support::start().await;
    create(&service, Some(ada("a@new.example")), Some("key"))
        .await
        .unwrap();
    let others = [
        NewUser {
            bio: "Something else".to_owned(),
            ..ada("a@new.example")
        },
        ada("b@new.example"),
    ];
    for other in others {
        let status = create(&service, Some(other), Some("key"))
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::AlreadyExists);
        assert_eq!(reason(&status).0, "IDEMPOTENCY_KEY_REUSED");
    }
    create(&service, Some(ada("b@new.example")), Some("another key!"))
        .await
        .unwrap_err();
    create(&service, Some(ada("b@new.example")), Some("another-key"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_hundred_calls_at_once_with_one_key_make_one_user() {
    let service = support::start().await;
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let mut client = service.client.clone();
        calls.spawn(async move {
            let user = Some(ada("a@new.example"));
            let mut request = Request::new(CreateUserRequest { user });
            request
                .metadata_mut()
                .insert("idempotency-key", "key".parse().unwrap());
            client
                .create_user(request)
                .await
                .map(tonic::Response::into_inner)
        });
    }
    let answers: Vec<_> = calls
        .join_all()
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let made: HashSet<_> = answers
        .iter()
        .map(|answer| &answer.user.as_ref().unwrap().user_id)
        .collect();
    assert_eq!(made.len(), 1, "all have the same user");
    assert!(
        answers.iter().all(|answer| answer.user == answers[0].user),
        "and the same answer"
    );
    assert_eq!(
        answers.iter().filter(|answer| !answer.replayed).count(),
        1,
        "one made it"
    );
}

#[tokio::test]
async fn a_creation_that_broke_off_is_finished_by_its_repetition() {
    let service = support::start().await;
    service
        .profiles
        .set_mood(Mood::Failing(Status::unavailable("not today")));
    let status = create(&service, Some(ada("a@new.example")), Some("key"))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);

    service.profiles.set_mood(Mood::Willing);
    let answer = create(&service, Some(ada("a@new.example")), Some("key"))
        .await
        .unwrap();
    let made = answer.user.unwrap();
    assert_eq!(made.profile.as_ref().unwrap().city, "London");
    assert_eq!(get(&service, &made.user_id).await, made);
}

#[rstest]
#[case("")]
#[case("two words")]
#[case(&"k".repeat(129))]
#[tokio::test]
async fn a_malformed_key_is_refused(#[case] key: &str) {
    let service = support::start().await;
    let status = create(&service, Some(ada("a@new.example")), Some(key))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let expected = (
        "INVALID_IDEMPOTENCY_KEY".to_owned(),
        vec!["idempotency-key".to_owned()],
    );
    assert_eq!(reason(&status), expected);
}
