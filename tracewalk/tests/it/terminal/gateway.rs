//! A gateway all of whose answers are hostile.

use std::net::SocketAddr;

use proto::{
    gateway::v1::{
        CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse, ImportUsersRequest,
        ImportUsersResponse, LookupUsersRequest, LookupUsersResponse, WatchUserRequest,
        WatchUserResponse,
        gateway_service_server::{GatewayService, GatewayServiceServer},
        lookup_users_response::Result as Found,
    },
    profile::v1::Profile,
    user::v1::{LookupError, Rejection, User},
};
use tokio::net::TcpListener;
use tokio_stream::Stream;
use tonic::{Code, Response as Answer, Status, Streaming, transport::server::TcpIncoming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::HOSTILE;

/// A gateway that answers so, and refuses the user `bad` so.
struct Hostile;

fn user() -> User {
    let hostile = || HOSTILE.to_owned();
    User {
        user_id: hostile(),
        name: hostile(),
        email: hostile(),
        profile: Some(Profile {
            user_id: hostile(),
            bio: hostile(),
            city: hostile(),
            updated_at: None,
        }),
        created_at: None,
    }
}

fn refusal() -> Status {
    let mut details = ErrorDetails::new();
    let metadata = [(HOSTILE.to_owned(), HOSTILE.to_owned())];
    details
        .set_error_info(HOSTILE, HOSTILE, metadata)
        .set_request_info(HOSTILE, HOSTILE)
        .add_bad_request_violation(HOSTILE, HOSTILE);
    Status::with_error_details(Code::NotFound, HOSTILE, details)
}

type Many<T> = std::pin::Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl GatewayService for Hostile {
    type WatchUserStream = Many<WatchUserResponse>;
    type LookupUsersStream = Many<LookupUsersResponse>;

    async fn get_user(
        &self,
        request: tonic::Request<GetUserRequest>,
    ) -> Result<Answer<GetUserResponse>, Status> {
        if request.get_ref().user_id == "bad" {
            return Err(refusal());
        }
        Ok(Answer::new(GetUserResponse {
            user: Some(user()),
            degraded: true,
        }))
    }

    async fn create_user(
        &self,
        _: tonic::Request<CreateUserRequest>,
    ) -> Result<Answer<CreateUserResponse>, Status> {
        let user = Some(user());
        Ok(Answer::new(CreateUserResponse {
            user,
            replayed: false,
        }))
    }

    async fn watch_user(
        &self,
        _: tonic::Request<WatchUserRequest>,
    ) -> Result<Answer<Self::WatchUserStream>, Status> {
        let update = WatchUserResponse {
            user: Some(user()),
            sequence: 1,
        };
        let updates = tokio_stream::iter([Ok(update), Err(refusal())]);
        Ok(Answer::new(Box::pin(updates)))
    }

    async fn import_users(
        &self,
        _: tonic::Request<Streaming<ImportUsersRequest>>,
    ) -> Result<Answer<ImportUsersResponse>, Status> {
        let reason = HOSTILE.to_owned();
        Ok(Answer::new(ImportUsersResponse {
            rejections: vec![Rejection { index: 1, reason }],
            ..ImportUsersResponse::default()
        }))
    }

    async fn lookup_users(
        &self,
        _: tonic::Request<Streaming<LookupUsersRequest>>,
    ) -> Result<Answer<Self::LookupUsersStream>, Status> {
        let answer = |result| {
            Ok(LookupUsersResponse {
                user_id: HOSTILE.to_owned(),
                result,
            })
        };
        let error = LookupError {
            reason: HOSTILE.to_owned(),
            message: HOSTILE.to_owned(),
        };
        let found = Some(Found::User(user()));
        let answers = [answer(found), answer(Some(Found::Error(error)))];
        Ok(Answer::new(Box::pin(tokio_stream::iter(answers))))
    }
}

/// The health of a service that says no.
pub(super) async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has one");
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(GatewayServiceServer::new(Hostile))
            .add_service(tonic_health::pb::health_server::HealthServer::new(Hostile))
            .serve_with_incoming(TcpIncoming::from(listener)),
    );
    address
}

#[tonic::async_trait]
impl tonic_health::pb::health_server::Health for Hostile {
    type WatchStream = Many<tonic_health::pb::HealthCheckResponse>;

    async fn check(
        &self,
        _: tonic::Request<tonic_health::pb::HealthCheckRequest>,
    ) -> Result<Answer<tonic_health::pb::HealthCheckResponse>, Status> {
        Err(refusal())
    }

    async fn watch(
        &self,
        _: tonic::Request<tonic_health::pb::HealthCheckRequest>,
    ) -> Result<Answer<Self::WatchStream>, Status> {
        Err(refusal())
    }
}
