//! The profile service of the tests: it keeps what it is given, and does what it is told.

use std::{
    collections::HashMap,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::{Stream, StreamExt as _, stream};
use proto::profile::v1::{
    Event, GetProfileRequest, GetProfileResponse, ImportProfilesRequest, ImportProfilesResponse,
    LookupError, LookupProfilesRequest, LookupProfilesResponse, Profile, PublishEventsRequest,
    PublishEventsResponse, PutProfileRequest, PutProfileResponse, WatchProfileRequest,
    WatchProfileResponse,
    lookup_profiles_response::Result as Found,
    profile_service_server::{ProfileService, ProfileServiceServer},
};
use tokio::sync::watch;
use tonic::{Request, Response, Status, Streaming, transport::server::TcpIncoming};

/// The service, and what it has seen. Clones share everything.
#[derive(Clone, Default)]
pub(crate) struct Profiles {
    state: Arc<Mutex<State>>,
    imports: Arc<watch::Sender<Vec<ImportEnd>>>,
}

#[derive(Default)]
struct State {
    kept: HashMap<String, Profile>,
    mood: Mood,
    puts: usize,
    events: Vec<Event>,
}

/// How the service answers.
#[derive(Clone, Default)]
pub(crate) enum Mood {
    /// As a profile service should.
    #[default]
    Willing,
    /// With this error.
    Failing(Status),
    /// `GetProfile` with an empty message, as a stand-in does.
    Empty,
    /// `ImportProfiles` with a summary before the end.
    Hasty,
}

/// How an import ended, and how many profiles came with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImportEnd {
    Complete(u32),
    BrokenOff(u32),
}

impl Profiles {
    /// Serves at a free port, for as long as the runtime lives.
    pub(super) async fn start() -> (Self, SocketAddr) {
        let (listener, address) = test_support::service::listen().await;
        let profiles = Self::default();
        for number in 1..=1000 {
            profiles.keep(profile(&number.to_string(), "Oslo"));
        }
        let server = tonic::transport::Server::builder()
            .add_service(ProfileServiceServer::new(profiles.clone()))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        (profiles, address)
    }

    /// Changes how it answers from here on.
    pub(crate) fn set_mood(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Loses a profile.
    pub(crate) fn forget(&self, user_id: &str) {
        self.state().kept.remove(user_id);
    }

    /// How often `PutProfile` was called.
    pub(crate) fn puts(&self) -> usize {
        self.state().puts
    }

    /// The events that came, in order.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// How many profiles it keeps, a thousand of them from the start.
    pub(crate) fn count(&self) -> usize {
        self.state().kept.len()
    }

    fn find(&self, user_id: &str) -> Option<Profile> {
        self.state().kept.get(user_id).cloned()
    }

    /// The imports that ended, in order.
    pub(crate) fn imports(&self) -> watch::Receiver<Vec<ImportEnd>> {
        self.imports.subscribe()
    }

    fn keep(&self, profile: Profile) {
        self.state().kept.insert(profile.user_id.clone(), profile);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nobody panics while holding the state")
    }

    fn willing(&self) -> Result<(), Status> {
        match &self.state().mood {
            Mood::Failing(status) => Err(status.clone()),
            Mood::Willing | Mood::Empty | Mood::Hasty => Ok(()),
        }
    }

    fn read(&self, user_id: &str) -> Result<Profile, Status> {
        self.willing()?;
        self.find(user_id)
            .ok_or_else(|| Status::not_found("no such profile"))
    }
}

fn profile(user_id: &str, city: &str) -> Profile {
    Profile {
        user_id: user_id.to_owned(),
        city: city.to_owned(),
        ..Profile::default()
    }
}

/// Notes how an import ended: broken off, unless it was said to be complete.
struct Import {
    imports: Arc<watch::Sender<Vec<ImportEnd>>>,
    count: u32,
    complete: bool,
}

impl Drop for Import {
    fn drop(&mut self) {
        let end = if self.complete {
            ImportEnd::Complete
        } else {
            ImportEnd::BrokenOff
        };
        self.imports
            .send_modify(|imports| imports.push(end(self.count)));
    }
}

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
