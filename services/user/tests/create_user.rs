//! `CreateUser`.

use std::collections::HashSet;

use proto::user::v1::{CreateUserRequest, CreateUserResponse, GetUserRequest, NewUser, User};
use rstest::rstest;
use tokio::task::JoinSet;
use tonic::{Code, Request, Status};

use test_support::service::reason;

use crate::support::{self, Mood, Running};

fn ada(email: &str) -> NewUser {
    NewUser {
        name: "Ada Lovelace".to_owned(),
        email: email.to_owned(),
        bio: "Writes programs".to_owned(),
        city: "London".to_owned(),
    }
}

async fn create(
    service: &Running,
    user: Option<NewUser>,
    key: Option<&str>,
) -> Result<CreateUserResponse, Status> {
    let mut request = Request::new(CreateUserRequest { user });
    if let Some(key) = key {
        let key = key.parse().expect("metadata takes the key");
        request.metadata_mut().insert("idempotency-key", key);
    }
    Ok(service
        .client
        .clone()
        .create_user(request)
        .await?
        .into_inner())
}

async fn get(service: &Running, user_id: &str) -> User {
    let request = GetUserRequest {
        user_id: user_id.to_owned(),
    };
    let answer = service
        .client
        .clone()
        .get_user(request)
        .await
        .expect("the user is there");
    answer.into_inner().user.expect("the answer has a user")
}

#[tokio::test]
async fn a_user_is_kept_as_it_was_wished() {
    let service = support::start().await;
    let sent = NewUser {
        name: "Ada 🗼 O'Brien".to_owned(),
        ..ada("ada@new.example")
    };
    let answer = create(&service, Some(sent.clone()), None).await.unwrap();
    assert!(!answer.replayed);
    let made = answer.user.unwrap();
    assert_eq!((&made.name, &made.email), (&sent.name, &sent.email));
    let profile = made.profile.as_ref().unwrap();
    assert_eq!((&profile.bio, &profile.city), (&sent.bio, &sent.city));
    assert_eq!(profile.user_id, made.user_id);
    assert_eq!(get(&service, &made.user_id).await, made);
}

#[tokio::test]
async fn an_email_address_has_one_user() {
    let service = support::start().await;
    for email in ["ada.almeida@example.com", "twice@new.example"] {
        let _first = create(&service, Some(ada(email)), Some(email)).await;
        let status = create(&service, Some(ada(email)), None).await.unwrap_err();
        assert_eq!(status.code(), Code::AlreadyExists);
        assert_eq!(reason(&status).0, "EMAIL_TAKEN");
        assert!(
            !status.message().contains(email),
            "values are not for messages"
        );
    }
}

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
async fn a_hundred_calls_at_once_for_one_address_make_one_user() {
    let service = support::start().await;
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let mut client = service.client.clone();
        let request = CreateUserRequest {
            user: Some(ada("a@new.example")),
        };
        calls.spawn(async move { client.create_user(request).await });
    }
    let (made, refused): (Vec<_>, Vec<_>) =
        calls.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    for status in refused.into_iter().filter_map(Result::err) {
        assert_eq!(reason(&status).0, "EMAIL_TAKEN");
    }
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
#[case(None, &["user"])]
#[case(Some(NewUser::default()), &["user.name", "user.email"])]
#[case(Some(ada("no address")), &["user.email"])]
#[case(Some(NewUser { name: "x".repeat(101), ..ada("a@b") }), &["user.name"])]
#[case(Some(NewUser { bio: "x".repeat(501), ..ada("a@b") }), &["user.bio"])]
#[case(Some(NewUser { city: "x".repeat(81), ..ada("a@b") }), &["user.city"])]
#[case(Some(NewUser { name: "\0".to_owned(), ..ada("a@b") }), &["user.name"])]
#[tokio::test]
async fn each_field_at_fault_is_named(#[case] sent: Option<NewUser>, #[case] fields: &[&str]) {
    let service = support::start().await;
    let status = create(&service, sent, None).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let (reason, named) = reason(&status);
    assert_eq!(reason, "INVALID_USER");
    assert_eq!(named, fields);
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
