//! The calls of the service.

use std::{pin::Pin, time::Duration};

use futures_util::{Stream, StreamExt as _, stream};
use proto::profile::v1::{
    GetProfileRequest, GetProfileResponse, ImportProfilesRequest, ImportProfilesResponse,
    LookupError, LookupProfilesRequest, LookupProfilesResponse, PublishEventsRequest,
    PublishEventsResponse, PutProfileRequest, PutProfileResponse, WatchProfileRequest,
    WatchProfileResponse, lookup_profiles_response::Result as Found,
    profile_service_server::ProfileService,
};
use tonic::{Request, Response, Status, Streaming};

use super::{Import, Mood, Profiles};

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl ProfileService for Profiles {
    async fn get_profile(
        &self,
        request: Request<GetProfileRequest>,
    ) -> Result<Response<GetProfileResponse>, Status> {
        if matches!(self.state().mood, Mood::Empty) {
            return Ok(Response::new(GetProfileResponse { profile: None }));
        }
        let profile = Some(self.read(&request.into_inner().user_id)?);
        Ok(Response::new(GetProfileResponse { profile }))
    }

    async fn put_profile(
        &self,
        request: Request<PutProfileRequest>,
    ) -> Result<Response<PutProfileResponse>, Status> {
        self.state().puts += 1;
        self.willing()?;
        let profile = request.into_inner().profile.expect("a profile to put");
        self.keep(profile.clone());
        Ok(Response::new(PutProfileResponse {
            profile: Some(profile),
        }))
    }

    type WatchProfileStream = Answers<WatchProfileResponse>;

    async fn watch_profile(
        &self,
        request: Request<WatchProfileRequest>,
    ) -> Result<Response<Self::WatchProfileStream>, Status> {
        let WatchProfileRequest {
            user_id,
            updates,
            interval,
        } = request.into_inner();
        self.read(&user_id)?;
        let interval = interval.and_then(|interval| interval.try_into().ok());
        let interval: Duration = interval.expect("an interval");
        let profiles = self.clone();
        let updates = stream::iter(1..=updates).then(move |sequence| {
            let profile = profiles.read(&user_id).map(Some);
            async move {
                tokio::time::sleep(interval).await;
                Ok(WatchProfileResponse {
                    profile: profile?,
                    sequence,
                })
            }
        });
        Ok(Response::new(updates.boxed()))
    }

    async fn import_profiles(
        &self,
        request: Request<Streaming<ImportProfilesRequest>>,
    ) -> Result<Response<ImportProfilesResponse>, Status> {
        self.willing()?;
        let hasty = matches!(self.state().mood, Mood::Hasty);
        let mut import = Import {
            imports: self.imports.clone(),
            count: 0,
            complete: false,
        };
        let mut requests = request.into_inner();
        while let Some(request) = requests.message().await? {
            self.keep(request.profile.expect("a profile to import"));
            import.count += 1;
            if hasty {
                break;
            }
        }
        // A cancelled call ends like a whole one, and is dropped here.
        tokio::task::yield_now().await;
        import.complete = true;
        Ok(Response::new(ImportProfilesResponse {
            imported: import.count,
        }))
    }

    type LookupProfilesStream = Answers<LookupProfilesResponse>;

    async fn lookup_profiles(
        &self,
        request: Request<Streaming<LookupProfilesRequest>>,
    ) -> Result<Response<Self::LookupProfilesStream>, Status> {
        self.willing()?;
        let profiles = self.clone();
        let answers = request.into_inner().map(move |request| {
            let LookupProfilesRequest { user_id } = request?;
            let result = Some(match profiles.find(&user_id) {
                Some(profile) => Found::Profile(profile),
                None => Found::Error(LookupError::default()),
            });
            Ok(LookupProfilesResponse { user_id, result })
        });
        Ok(Response::new(answers.boxed()))
    }

    async fn publish_events(
        &self,
        request: Request<PublishEventsRequest>,
    ) -> Result<Response<PublishEventsResponse>, Status> {
        self.willing()?;
        self.state().events.extend(request.into_inner().events);
        Ok(Response::new(PublishEventsResponse {}))
    }
}
