//! The chain over mutual TLS, and who may call whom in it.

use proto::{
    profile::v1::{GetProfileRequest, profile_service_client::ProfileServiceClient},
    user::v1::{GetUserRequest, user_service_client::UserServiceClient},
};
use tonic::{Code, Status, transport::Endpoint};

use super::{
    chain::{Chain, code, probe, unique},
    handshake::{connect, of_service},
};
use crate::support::Span;

#[tokio::test]
async fn each_kind_of_call_goes_through_over_mutual_tls() {
    let chain = Chain::start().await;
    let mut caller = chain.caller().await;
    let seen = [
        caller.get("1").await,
        caller.watch("1", 2).await,
        caller.lookup(&["1", "2"]).await,
    ];
    let messages = seen.each_ref().map(|seen| (seen.code, seen.messages));
    assert_eq!(messages, [(Code::Ok, 1), (Code::Ok, 2), (Code::Ok, 2)]);
    let token = format!("Bearer {}", chain.token("users:write"));
    assert_eq!(chain.write(Some(&token)).await, Code::Ok);

    // Each server knows its caller by its certificate.
    for (service, caller) in [("user", "gateway"), ("profile", "user")] {
        let served = |span: &Span| {
            span.trace_id == seen[0].trace_id && span.service == service && span.kind == "SERVER"
        };
        let span = chain.span(served).await;
        assert_eq!(span.attribute("tracewalk.peer"), caller);
    }
    for service in [&chain.gateway, &chain.user, &chain.profile] {
        let metrics = service.metrics().await;
        for role in ["leaf", "ca"] {
            let name = "tls_cert_not_after_timestamp_seconds";
            let ends = metrics.sum(name, &[("role", role)]);
            assert!(ends > 1_700_000_000, "{}: {role} ends {ends}", service.name);
        }
    }
}

#[tokio::test]
async fn a_service_that_is_not_the_one_before_is_refused_with_a_span() {
    let chain = Chain::start().await;
    let user = chain.user.address("grpc").await;
    for caller in ["profile", "user"] {
        let shown = of_service(&chain.certs(), caller);
        let channel = connect(user, &chain.certs(), Some(shown)).await.unwrap();
        let message = GetUserRequest {
            user_id: "1".to_owned(),
        };
        let answer = UserServiceClient::new(channel).get_user(message).await;
        assert_eq!(code(answer), Code::PermissionDenied, "{caller}");
        let of_caller = |span: &Span| span.attribute("tracewalk.peer") == caller;
        let span = chain.span(of_caller).await;
        assert_eq!(span.name, "tracewalk.user.v1.UserService/GetUser");
        assert_eq!(
            span.attribute("rpc.response.status_code"),
            "PERMISSION_DENIED"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_another_service_is_not_called() {
    let chain = Chain::start().await;
    // The certificate of `profile` where the name `user` is expected.
    let profile = chain.profile.address("grpc").await;
    let shown = of_service(&chain.certs(), "gateway");
    let error = connect(profile, &chain.certs(), Some(shown))
        .await
        .unwrap_err();
    assert!(
        format!("{error:?}").contains("NotValidForName"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_caller_without_tls_is_no_caller() {
    let chain = Chain::start().await;
    let address = chain.profile.address("grpc").await;
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let mut client = ProfileServiceClient::new(channel.connect_lazy());
    let message = GetProfileRequest {
        user_id: "1".to_owned(),
    };
    let refused: Status = client.get_profile(message).await.unwrap_err();
    assert!([Code::Unavailable, Code::Unknown, Code::Internal].contains(&refused.code()));
    assert_eq!(chain.read(None).await, Code::Ok, "the service lives");
}

#[tokio::test]
async fn any_service_of_the_house_may_ask_for_health() {
    let chain = Chain::start().await;
    let certs = chain.certs();
    for (service, peer) in [(&chain.user, "user"), (&chain.profile, "profile")] {
        let address = service.address("grpc").await;
        assert!(probe(&certs, address, peer).await, "{peer}");
        assert!(!probe(&certs, address, "gateway").await, "another name");
    }
    let shown = of_service(&certs, "profile");
    let user = chain.user.address("grpc").await;
    let channel = connect(user, &certs, Some(shown)).await.unwrap();
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel);
    let request = tonic_health::pb::HealthCheckRequest { service: unique() };
    // Not refused: it is only that nobody knows this service.
    assert_eq!(code(health.check(request).await), Code::NotFound);
}
