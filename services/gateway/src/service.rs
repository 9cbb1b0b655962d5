//! What each rpc does: it calls the user service, and passes on its answer.

use futures_util::{
    Stream, StreamExt as _, TryFutureExt as _, TryStreamExt as _, stream::BoxStream,
};
use proto::{
    gateway::v1::{
        CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse, ImportUsersRequest,
        ImportUsersResponse, LookupUsersRequest, LookupUsersResponse, WatchUserRequest,
        WatchUserResponse, gateway_service_server::GatewayService,
        lookup_users_response::Result as Found,
    },
    limits,
    user::v1::{
        self as user, lookup_users_response::Result as UserFound,
        user_service_client::UserServiceClient,
    },
};
use tonic::{Request, Response, Status, Streaming};
use tonic_resilience::{
    client::{
        fallback,
        upload::{Upload, responses_while_uploading},
    },
    errors::relay,
};

use crate::{idempotency_key, invalid::Invalid};

/// A client of the user service.
pub(crate) type Users = UserServiceClient<tonic_stack::client::Channel>;

/// How many messages of an upload wait between the caller and the user service.
const UPLOAD: usize = 16;

/// The rpcs over the user service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    users: Users,
}

impl Service {
    pub(crate) fn new(users: Users) -> Self {
        Self { users }
    }
}

#[tonic::async_trait]
impl GatewayService for Service {
    async fn get_user(
        &self,
        request: Request<GetUserRequest>,
    ) -> Result<Response<GetUserResponse>, Status> {
        let GetUserRequest { user_id } = request.into_inner();
        limits::user_id(&user_id).map_err(Invalid::UserId)?;
        let answer = self
            .users
            .clone()
            .get_user(user::GetUserRequest { user_id })
            .await
            .map_err(relayed)?;
        let user::GetUserResponse { user, degraded } = answer.into_inner();
        if degraded {
            fallback::degraded(&proto::NAMES, "profile");
        }
        Ok(Response::new(GetUserResponse { user, degraded }))
    }

    async fn create_user(
        &self,
        request: Request<CreateUserRequest>,
    ) -> Result<Response<CreateUserResponse>, Status> {
        let principal = request.extensions().get();
        let key = idempotency_key::of_call(principal, request.metadata());
        let key = key.map_err(Invalid::IdempotencyKey)?;
        let CreateUserRequest { user } = request.into_inner();
        limits::new_user(user.as_ref()).map_err(Invalid::User)?;
        let mut onward = Request::new(user::CreateUserRequest { user });
        if let Some(key) = key {
            onward.metadata_mut().insert(idempotency_key::NAME, key);
        }
        let answer = self.users.clone().create_user(onward).await;
        let user::CreateUserResponse { user, replayed } = answer.map_err(relayed)?.into_inner();
        Ok(Response::new(CreateUserResponse { user, replayed }))
    }

    type WatchUserStream = BoxStream<'static, Result<WatchUserResponse, Status>>;

    async fn watch_user(
        &self,
        request: Request<WatchUserRequest>,
    ) -> Result<Response<Self::WatchUserStream>, Status> {
        let WatchUserRequest {
            user_id,
            updates,
            interval,
        } = request.into_inner();
        limits::watch(&user_id, updates, interval.as_ref()).map_err(Invalid::Watch)?;
        let onward = user::WatchUserRequest {
            user_id,
            updates,
            interval,
        };
        let answer = self.users.clone().watch_user(onward).await;
        let updates = pass_on(answer.map_err(relayed)?.into_inner(), |update| {
            let user::WatchUserResponse { user, sequence } = update;
            WatchUserResponse { user, sequence }
        });
        Ok(Response::new(updates.boxed()))
    }

    async fn import_users(
        &self,
        request: Request<Streaming<ImportUsersRequest>>,
    ) -> Result<Response<ImportUsersResponse>, Status> {
        let messages = request.into_inner();
        let (upload, onward) = Upload::new(UPLOAD);
        let feeding = upload
            .feed(messages.map_ok(|ImportUsersRequest { user }| user::ImportUsersRequest { user }));
        let mut users = self.users.clone();
        let answer = async { users.import_users(onward).await.map_err(relayed) };
        // An error of one side drops the other.
        let (answer, ()) = tokio::try_join!(answer, feeding)?;
        let user::ImportUsersResponse {
            imported,
            skipped,
            rejected,
            rejections,
        } = answer.into_inner();
        Ok(Response::new(ImportUsersResponse {
            imported,
            skipped,
            rejected,
            rejections,
        }))
    }

    type LookupUsersStream = BoxStream<'static, Result<LookupUsersResponse, Status>>;

    async fn lookup_users(
        &self,
        request: Request<Streaming<LookupUsersRequest>>,
    ) -> Result<Response<Self::LookupUsersStream>, Status> {
        let messages = request.into_inner();
        let (upload, onward) = Upload::new(UPLOAD);
        let feeding = upload.feed(
            messages.map_ok(|LookupUsersRequest { user_id }| user::LookupUsersRequest { user_id }),
        );
        let mut users = self.users.clone();
        // The user service may send its headers with its first answer, which needs the first id:
        // the caller gets the gateway's headers before it has sent an id.
        let answers = async move { users.lookup_users(onward).await.map(Response::into_inner) };
        let answers = pass_on(answers.try_flatten_stream(), |answer| {
            let user::LookupUsersResponse { user_id, result } = answer;
            let result = result.map(|found| match found {
                UserFound::User(user) => Found::User(user),
                UserFound::Error(error) => Found::Error(error),
            });
            LookupUsersResponse { user_id, result }
        });
        Ok(Response::new(
            responses_while_uploading(feeding, answers).boxed(),
        ))
    }
}

fn relayed(status: Status) -> Status {
    relay(status, "user")
}

/// Messages as they come, each in the gateway's own type.
fn pass_on<T, U>(
    messages: impl Stream<Item = Result<T, Status>>,
    convert: impl Fn(T) -> U,
) -> impl Stream<Item = Result<U, Status>> {
    messages.map(move |message| message.map(&convert).map_err(relayed))
}
