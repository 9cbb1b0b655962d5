use futures_util::StreamExt;
use tonic::{Code, Request};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_server::Health as _,
};

use super::{Health, State, service::HealthService};

const SERVICE: &str = "tracewalk.user.v1.UserService";

fn fixture() -> (Health, HealthService) {
    let (health, _) = Health::new(&[SERVICE]);
    let service = HealthService::new(&[SERVICE], health.state.subscribe());
    (health, service)
}

fn ask(service: &str) -> Request<HealthCheckRequest> {
    Request::new(HealthCheckRequest {
        service: service.to_owned(),
    })
}

async fn check(service: &HealthService, name: &str) -> Result<ServingStatus, Code> {
    let answer = service.check(ask(name)).await;
    answer
        .map(|answer| answer.into_inner().status())
        .map_err(|status| status.code())
}

#[tokio::test]
async fn check_answers_for_the_process_and_each_service() {
    let (health, service) = fixture();
    for name in ["", SERVICE] {
        health.set_serving(false);
        assert_eq!(check(&service, name).await, Ok(ServingStatus::NotServing));
        health.set_serving(true);
        assert_eq!(check(&service, name).await, Ok(ServingStatus::Serving));
    }
    assert_eq!(
        check(&service, "no.such.Service").await,
        Err(Code::NotFound)
    );
}

#[tokio::test]
async fn watch_says_the_state_at_once_then_each_change() {
    let (health, service) = fixture();
    let watch = service.watch(ask(SERVICE)).await.expect("an answer");
    let mut watch = watch.into_inner();
    let mut next = async || {
        watch
            .next()
            .await
            .map(|update| update.expect("no error").status())
    };
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    health.set_serving(true);
    assert_eq!(next().await, Some(ServingStatus::Serving));
    health.set_not_serving("the database is down");
    assert_eq!(next().await, Some(ServingStatus::NotServing));
    health.drain();
    assert_eq!(next().await, None, "nothing new to say, and the end");
}

#[tokio::test(start_paused = true)]
async fn watch_of_an_unknown_service_says_so_and_stays_open() {
    let (health, service) = fixture();
    let watch = service.watch(ask("no.such.Service")).await;
    let mut watch = watch.expect("no error").into_inner();
    let first = watch.next().await.expect("an update").expect("no error");
    assert_eq!(first.status(), ServingStatus::ServiceUnknown);
    health.set_serving(true);
    let silence = tokio::time::timeout(std::time::Duration::from_secs(60), watch.next()).await;
    assert!(silence.is_err(), "it stays open");
    health.drain();
    assert!(watch.next().await.is_none());
}

#[test]
fn a_drain_that_began_stays() {
    let (health, _) = fixture();
    health.set_serving(true);
    health.drain();
    health.set_serving(true);
    assert_eq!(*health.state.borrow(), State::Draining);
    assert!(!*health.ready().borrow());
}
