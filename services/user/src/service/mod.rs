//! What each rpc does.

mod create;
mod import;
mod lookup;
mod watch;

use futures_util::stream::BoxStream;
use proto::{
    limits,
    profile::v1::{GetProfileRequest, GetProfileResponse, Profile},
    user::v1::{
        CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse, ImportUsersRequest,
        ImportUsersResponse, LookupUsersRequest, LookupUsersResponse, User, WatchUserRequest,
        WatchUserResponse, user_service_server::UserService,
    },
};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_resilience::client::fallback::{self, is_out_of_reach};

use crate::{ProfileClient, error::Error, store::Store};

/// The rpcs over the store and the profile service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    store: Store,
    profiles: ProfileClient,
}

impl Service {
    pub(crate) fn new(store: Store, profiles: ProfileClient) -> Self {
        Self { store, profiles }
    }

    async fn find(&self, user_id: &str) -> Result<User, Error> {
        let found = self.store.find(user_id).await?;
        found.ok_or_else(|| Error::UnknownUser {
            user_id: user_id.to_owned(),
        })
    }

    /// Asks for a profile.
    async fn get_profile(&self, user_id: &str) -> Result<FoundProfile, Error> {
        let request = GetProfileRequest {
            user_id: user_id.to_owned(),
        };
        match self
            .profiles
            .clone()
            .get_profile(request)
            .await
            .map(Response::into_inner)
        {
            Ok(GetProfileResponse {
                profile: Some(profile),
            }) => Ok(FoundProfile::Kept(profile)),
            Ok(GetProfileResponse { profile: None }) => Err(Error::ProfileContract {
                broken: "an answer lacks the profile",
            }),
            Err(status) if status.code() == Code::NotFound => Ok(FoundProfile::NeverWritten),
            Err(status) if is_out_of_reach(&status) => Ok(FoundProfile::OutOfReach(status)),
            Err(status) => Err(Error::Profile(status)),
        }
    }
}

/// What the profile service says of a user.
enum FoundProfile {
    Kept(Profile),
    /// The user was made and the profile was not: a call broke off between the two.
    NeverWritten,
    /// The profile service could not be reached.
    OutOfReach(Status),
}

#[tonic::async_trait]
impl UserService for Service {
    async fn get_user(
        &self,
        request: Request<GetUserRequest>,
    ) -> Result<Response<GetUserResponse>, Status> {
        let GetUserRequest { user_id } = request.into_inner();
        limits::user_id(&user_id).map_err(Error::InvalidUserId)?;
        let user = self.find(&user_id).await?;
        let (profile, degraded) = match self.get_profile(&user_id).await? {
            FoundProfile::Kept(profile) => (Some(profile), false),
            FoundProfile::NeverWritten => (None, false),
            FoundProfile::OutOfReach(_) => {
                fallback::degraded(&proto::NAMES, "profile");
                (None, true)
            }
        };
        Ok(Response::new(GetUserResponse {
            user: Some(User { profile, ..user }),
            degraded,
        }))
    }

    async fn create_user(
        &self,
        request: Request<CreateUserRequest>,
    ) -> Result<Response<CreateUserResponse>, Status> {
        Ok(Response::new(create::create(self, request).await?))
    }

    type WatchUserStream = BoxStream<'static, Result<WatchUserResponse, Status>>;

    async fn watch_user(
        &self,
        request: Request<WatchUserRequest>,
    ) -> Result<Response<Self::WatchUserStream>, Status> {
        let updates = watch::watch(self.clone(), request.into_inner()).await?;
        Ok(Response::new(Box::pin(updates)))
    }

    async fn import_users(
        &self,
        request: Request<Streaming<ImportUsersRequest>>,
    ) -> Result<Response<ImportUsersResponse>, Status> {
        Ok(Response::new(
            import::import(self, request.into_inner()).await?,
        ))
    }

    type LookupUsersStream = BoxStream<'static, Result<LookupUsersResponse, Status>>;

    async fn lookup_users(
        &self,
        request: Request<Streaming<LookupUsersRequest>>,
    ) -> Result<Response<Self::LookupUsersStream>, Status> {
        let answers = lookup::lookup(self.clone(), request.into_inner());
        Ok(Response::new(Box::pin(answers)))
    }
}
