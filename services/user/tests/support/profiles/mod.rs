//! The profile service of the tests: it keeps what it is given, and does what it is told.

mod rpcs;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use proto::profile::v1::{Event, Profile, profile_service_server::ProfileServiceServer};
use tokio::sync::watch;
use tonic::{Status, transport::server::TcpIncoming};

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
