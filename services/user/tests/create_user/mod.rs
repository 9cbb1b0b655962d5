//! `CreateUser`.

mod idempotency;

use proto::user::v1::{CreateUserRequest, CreateUserResponse, GetUserRequest, NewUser, User};
use rstest::rstest;
use tokio::task::JoinSet;
use tonic::{Code, Request, Status};

use test_support::service::reason;

use crate::support::{self, Running};

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
