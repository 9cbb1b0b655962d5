//! The user service that the gateway asks in tests.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::{StreamExt as _, stream, stream::BoxStream};
use proto::{
    profile::v1::Profile,
    user::v1::{
        CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse, ImportUsersRequest,
        ImportUsersResponse, LookupError, LookupUsersRequest, LookupUsersResponse, User,
        WatchUserRequest, WatchUserResponse,
        lookup_users_response::Result as Found,
        user_service_server::{UserService, UserServiceServer},
    },
};
use tonic::{
    Code, Request, Response, Status, Streaming, metadata::MetadataMap,
    transport::server::TcpIncoming,
};
use tonic_resilience::errors::ErrorReply;

/// The metadata of each call, in order.
pub(crate) type Seen = Arc<Mutex<Vec<MetadataMap>>>;

/// The user about whom no call is answered.
pub(crate) const SILENT: &str = "silent";

/// The one user there is.
pub(crate) fn ada() -> User {
    User {
        user_id: "1".to_owned(),
        name: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
        created_at: Some(prost_types::Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
        profile: Some(Profile {
            user_id: "1".to_owned(),
            bio: "Writes programs.".to_owned(),
            city: "London".to_owned(),
            updated_at: None,
        }),
    }
}

/// Serves on a free port until the test ends.
pub(super) async fn start() -> (SocketAddr, Seen) {
    let (listener, address) = super::listen().await;
    let seen = Seen::default();
    let service = UserServiceServer::new(Users(Arc::clone(&seen)));
    tokio::spawn(async move {
        let served = tonic::transport::Server::builder()
            .add_service(service)
            .serve_with_incoming(TcpIncoming::from(listener))
            .await;
        served.expect("the user service serves");
    });
    (address, seen)
}

struct Users(Seen);

impl Users {
    fn note<T>(&self, request: &Request<T>) {
        let mut seen = self.0.lock().expect("no test panics while it holds this");
        seen.push(request.metadata().clone());
    }
}

fn unknown(user_id: &str) -> ErrorReply {
    ErrorReply::new(Code::NotFound, "USER_NOT_FOUND", "there is no such user")
        .metadata("user_id", user_id)
}

#[tonic::async_trait]
impl UserService for Users {
    async fn get_user(
        &self,
        request: Request<GetUserRequest>,
    ) -> Result<Response<GetUserResponse>, Status> {
        self.note(&request);
        if request.get_ref().user_id == SILENT {
            return std::future::pending().await;
        }
        match request.into_inner().user_id.as_str() {
            "1" => Ok(Response::new(GetUserResponse {
                user: Some(ada()),
                degraded: false,
            })),
            "busy" => Err(unknown("busy")
                .retry_after(std::time::Duration::from_millis(1500))
                .into_status()),
            "broken" => Err(Status::internal("panicked at 10.0.0.7")),
            other => Err(unknown(other).into_status()),
        }
    }

    async fn create_user(
        &self,
        request: Request<CreateUserRequest>,
    ) -> Result<Response<CreateUserResponse>, Status> {
        self.note(&request);
        let replayed = request.metadata().contains_key("idempotency-key");
        let user = request.into_inner().user.unwrap_or_default();
        if user.email.is_empty() {
            let refusal = ErrorReply::new(Code::InvalidArgument, "INVALID_USER", "a limit")
                .violation("user.email", "expected one @");
            return Err(refusal.into_status());
        }
        let user = User {
            name: user.name,
            email: user.email,
            ..ada()
        };
        Ok(Response::new(CreateUserResponse {
            user: Some(user),
            replayed,
        }))
    }

    type WatchUserStream = BoxStream<'static, Result<WatchUserResponse, Status>>;

    async fn watch_user(
        &self,
        request: Request<WatchUserRequest>,
    ) -> Result<Response<Self::WatchUserStream>, Status> {
        self.note(&request);
        let updates = request.into_inner().updates;
        let update = |sequence| {
            Ok(WatchUserResponse {
                user: Some(ada()),
                sequence,
            })
        };
        let broken = stream::iter([Err(unknown("gone").into_status())]);
        Ok(Response::new(
            stream::iter((1..=updates).map(update))
                .chain(broken)
                .boxed(),
        ))
    }

    async fn import_users(
        &self,
        request: Request<Streaming<ImportUsersRequest>>,
    ) -> Result<Response<ImportUsersResponse>, Status> {
        self.note(&request);
        let mut requests = request.into_inner();
        let mut imported = 0;
        while requests.message().await?.is_some() {
            imported += 1;
        }
        Ok(Response::new(ImportUsersResponse {
            imported,
            ..ImportUsersResponse::default()
        }))
    }

    type LookupUsersStream = BoxStream<'static, Result<LookupUsersResponse, Status>>;

    async fn lookup_users(
        &self,
        request: Request<Streaming<LookupUsersRequest>>,
    ) -> Result<Response<Self::LookupUsersStream>, Status> {
        self.note(&request);
        let answers = request.into_inner().map(|request| {
            let LookupUsersRequest { user_id } = request?;
            let found = if user_id == "1" {
                Found::User(ada())
            } else {
                Found::Error(LookupError {
                    reason: "USER_NOT_FOUND".to_owned(),
                    message: "there is no such user".to_owned(),
                })
            };
            Ok(LookupUsersResponse {
                user_id,
                result: Some(found),
            })
        });
        Ok(Response::new(answers.boxed()))
    }
}
