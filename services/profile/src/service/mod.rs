//! What each rpc does.

mod events;
mod import;
mod lookup;
mod watch;

pub(crate) use events::check;

use futures_util::stream::BoxStream;
use proto::{
    limits,
    profile::v1::{
        GetProfileRequest, GetProfileResponse, ImportProfilesRequest, ImportProfilesResponse,
        LookupProfilesRequest, LookupProfilesResponse, PublishEventsRequest, PublishEventsResponse,
        PutProfileRequest, PutProfileResponse, WatchProfileRequest, WatchProfileResponse,
        profile_service_server::ProfileService,
    },
};
use tonic::{Request, Response, Status, Streaming};

use crate::{error::Error, store::Store};

/// The rpcs over the store.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    store: Store,
}

impl Service {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }
}

#[tonic::async_trait]
impl ProfileService for Service {
    async fn get_profile(
        &self,
        request: Request<GetProfileRequest>,
    ) -> Result<Response<GetProfileResponse>, Status> {
        let GetProfileRequest { user_id } = request.into_inner();
        limits::user_id(&user_id).map_err(Error::InvalidUserId)?;
        let found = self.store.find(&user_id).await.map_err(Error::Database)?;
        let profile = found.ok_or(Error::UnknownUser { user_id })?;
        Ok(Response::new(GetProfileResponse {
            profile: Some(profile),
        }))
    }

    async fn put_profile(
        &self,
        request: Request<PutProfileRequest>,
    ) -> Result<Response<PutProfileResponse>, Status> {
        let PutProfileRequest { profile } = request.into_inner();
        limits::profile(profile.as_ref()).map_err(Error::InvalidProfile)?;
        let kept = self
            .store
            .put(profile.unwrap_or_default())
            .await
            .map_err(Error::Database)?;
        Ok(Response::new(PutProfileResponse {
            profile: Some(kept),
        }))
    }

    type WatchProfileStream = BoxStream<'static, Result<WatchProfileResponse, Status>>;

    async fn watch_profile(
        &self,
        request: Request<WatchProfileRequest>,
    ) -> Result<Response<Self::WatchProfileStream>, Status> {
        let updates = watch::watch(self.store.clone(), request.into_inner()).await?;
        Ok(Response::new(Box::pin(updates)))
    }

    async fn import_profiles(
        &self,
        request: Request<Streaming<ImportProfilesRequest>>,
    ) -> Result<Response<ImportProfilesResponse>, Status> {
        let imported = import::import(&self.store, request.into_inner()).await?;
        Ok(Response::new(ImportProfilesResponse { imported }))
    }

    type LookupProfilesStream = BoxStream<'static, Result<LookupProfilesResponse, Status>>;

    async fn lookup_profiles(
        &self,
        request: Request<Streaming<LookupProfilesRequest>>,
    ) -> Result<Response<Self::LookupProfilesStream>, Status> {
        let answers = lookup::lookup(self.store.clone(), request.into_inner());
        Ok(Response::new(Box::pin(answers)))
    }

    async fn publish_events(
        &self,
        request: Request<PublishEventsRequest>,
    ) -> Result<Response<PublishEventsResponse>, Status> {
        events::publish(&self.store, request.into_inner()).await?;
        Ok(Response::new(PublishEventsResponse {}))
    }
}
