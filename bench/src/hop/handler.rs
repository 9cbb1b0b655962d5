use proto::{
    profile::v1::Profile,
    user::v1::{
        CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse, ImportUsersRequest,
        ImportUsersResponse, LookupUsersRequest, LookupUsersResponse, User, WatchUserRequest,
        WatchUserResponse, user_service_client::UserServiceClient,
        user_service_server::UserService,
    },
};
use tokio_stream::Empty;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};
use tonic_resilience::stack::Stack;

/// Asks the next hop, or answers itself where there is none.
#[derive(Clone, Debug)]
pub(super) struct Handler<C> {
    next: Option<UserServiceClient<C>>,
}

impl<C> Handler<C> {
    pub(super) fn new(next: Option<UserServiceClient<C>>) -> Self {
        Self { next }
    }
}

#[tonic::async_trait]
impl<C: Stack + Sync> UserService for Handler<C> {
    async fn get_user(
        &self,
        request: Request<GetUserRequest>,
    ) -> Result<Response<GetUserResponse>, Status> {
        let request = request.into_inner();
        match self.next.clone() {
            Some(mut next) => {
                let answer = next.get_user(request).await?;
                Ok(Response::new(answer.into_inner()))
            }
            None => Ok(Response::new(user(request.user_id))),
        }
    }

    async fn create_user(
        &self,
        _: Request<CreateUserRequest>,
    ) -> Result<Response<CreateUserResponse>, Status> {
        Err(not_called())
    }

    type WatchUserStream = BoxStream<WatchUserResponse>;

    async fn watch_user(
        &self,
        request: Request<WatchUserRequest>,
    ) -> Result<Response<Self::WatchUserStream>, Status> {
        let request = request.into_inner();
        if let Some(mut next) = self.next.clone() {
            let answers = next.watch_user(request).await?.into_inner();
            return Ok(Response::new(Box::pin(answers)));
        }
        // All at once: the interval would be waiting, which costs nothing.
        let answers = (1..=request.updates).map(move |sequence| {
            Ok(WatchUserResponse {
                user: user(request.user_id.clone()).user,
                sequence,
            })
        });
        Ok(Response::new(Box::pin(tokio_stream::iter(answers))))
    }

    async fn import_users(
        &self,
        _: Request<Streaming<ImportUsersRequest>>,
    ) -> Result<Response<ImportUsersResponse>, Status> {
        Err(not_called())
    }

    type LookupUsersStream = Empty<Result<LookupUsersResponse, Status>>;

    async fn lookup_users(
        &self,
        _: Request<Streaming<LookupUsersRequest>>,
    ) -> Result<Response<Self::LookupUsersStream>, Status> {
        Err(not_called())
    }
}

fn user(user_id: String) -> GetUserResponse {
    let profile = Profile {
        user_id: user_id.clone(),
        bio: "Writes about machines that count.".to_owned(),
        city: "London".to_owned(),
        updated_at: None,
    };
    let user = User {
        user_id,
        name: "Ada Lovelace".to_owned(),
        email: "ada@example.org".to_owned(),
        created_at: None,
        profile: Some(profile),
    };
    GetUserResponse {
        user: Some(user),
        degraded: false,
    }
}

fn not_called() -> Status {
    Status::unimplemented("the benchmark calls GetUser and WatchUser")
}
