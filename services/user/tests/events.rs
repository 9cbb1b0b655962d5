//! The event that tells of a new user.

use proto::{
    profile::v1::Event,
    user::v1::{CreateUserRequest, NewUser},
};
use test_support::until;
use tonic::Status;

use crate::support::{self, Mood, Running};

async fn create(service: &Running, email: &str) -> Result<String, Status> {
    let user = NewUser {
        name: "Ada Lovelace".to_owned(),
        email: email.to_owned(),
        ..NewUser::default()
    };
    let request = CreateUserRequest { user: Some(user) };
    let answer = service.client.clone().create_user(request).await?;
    Ok(answer.into_inner().user.expect("a user").user_id)
}

async fn events(service: &Running, count: usize) -> Vec<Event> {
    let come = async || Some(service.profiles.events()).filter(|events| events.len() >= count);
    until("the events come", come).await
}

#[tokio::test]
async fn a_new_user_is_told_once_with_the_context_of_the_span_that_made_the_event() {
    let service = support::start().await;
    let user_id = create(&service, "a@new.example").await.unwrap();
    create(&service, "a@new.example").await.unwrap_err();
    let second = create(&service, "b@new.example").await.unwrap();
    let mut events = events(&service, 2).await;
    events.sort_by_key(|event| event.subject != user_id);
    let [first, other] = events.as_slice() else {
        panic!("one for each user: {events:?}")
    };
    assert_eq!((&first.subject, &other.subject), (&user_id, &second));
    assert_eq!(first.r#type, "user.created");
    assert_ne!(first.id, other.id);

    let traceparent = first.traceparent.clone();
    let spans = service.finish().await;
    let made = spans.iter().any(|span| {
        let (trace, id) = (span.span_context.trace_id(), span.span_context.span_id());
        span.name == "create user-events" && traceparent.contains(&format!("-{trace}-{id}-"))
    });
    assert!(made, "{traceparent}: {spans:?}");
}

#[tokio::test]
async fn an_event_waits_for_a_profile_service_that_is_away() {
    let service = support::start().await;
    let away = Mood::Failing(Status::unavailable("not today"));
    service.profiles.set_mood(away);
    create(&service, "a@new.example").await.unwrap_err();
    assert!(service.profiles.events().is_empty());
    service.profiles.set_mood(Mood::Willing);
    assert_eq!(events(&service, 1).await.len(), 1);
}
