use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use proto::{
    gateway::v1::{
        CreateUserRequest, GetUserRequest, ImportUsersRequest, LookupUsersRequest, WatchUserRequest,
    },
    user::v1::NewUser,
};
use rand::{Rng, rngs::StdRng};
use tokio::time::timeout;
use tonic::{Code, Request, Status, transport::Channel};
use uuid::Uuid;

use super::{Outcome, mix::Kind, open_loop::Seen};
use crate::client::{self, Caller, Gateway};

/// The lowest and the highest id that exist from the first start.
const KNOWN_IDS: std::ops::RangeInclusive<u32> = 1..=1000;

/// Makes up calls that succeed: known ids, and users that nobody has made before.
#[derive(Debug)]
pub(crate) struct CallGenerator {
    channels: Vec<Channel>,
    caller: Caller,
    next: AtomicUsize,
    max_wait: Duration,
    /// A part of every e-mail address, so that two runs with one seed do not use the same ones.
    run: String,
    user: Option<String>,
    users: u32,
    has_key: bool,
}

/// One call, drawn and not yet made.
#[derive(Debug)]
pub(crate) struct Drawn {
    kind: Kind,
    gateway: Gateway,
    max_wait: Duration,
    /// Of the users that it asks for; one at least.
    user_ids: Vec<String>,
    /// Unique within and among runs.
    stem: String,
    has_key: bool,
}

impl CallGenerator {
    /// Spreads calls over the channels. Each call has the caller's metadata, and `max_wait` to end.
    pub(crate) fn new(channels: Vec<Channel>, caller: Caller, max_wait: Duration) -> Self {
        let run = Uuid::new_v4().simple().to_string();
        Self {
            channels,
            caller,
            next: AtomicUsize::new(0),
            max_wait,
            run,
            user: None,
            users: 3,
            has_key: true,
        }
    }

    /// Asks for this user, where a call asks for one.
    pub(crate) fn user(mut self, id: Option<String>) -> Self {
        self.user = id;
        self
    }

    /// How many users a lookup asks for, and an import has; one at least.
    pub(crate) fn users(mut self, count: u32) -> Self {
        self.users = count.max(1);
        self
    }

    /// Whether `CreateUser` has an idempotency key, so that it may be tried again.
    pub(crate) fn idempotency_key(mut self, has_key: bool) -> Self {
        self.has_key = has_key;
        self
    }

    /// Draws the arguments of a call.
    pub(crate) fn draw(&self, kind: Kind, random: &mut StdRng) -> Drawn {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let channel = &self.channels[index % self.channels.len()];
        Drawn {
            kind,
            gateway: client::gateway(channel.clone(), &self.caller),
            max_wait: self.max_wait,
            user_ids: (0..self.users)
                .map(|_| {
                    let known = random.random_range(KNOWN_IDS).to_string();
                    self.user.clone().unwrap_or(known)
                })
                .collect(),
            has_key: self.has_key,
            stem: format!("{}-{index}", self.run),
        }
    }
}

impl Drawn {
    /// Makes the call and reads its answer to the end; its latency counts from `due`.
    pub(crate) async fn perform(self, due: Instant) -> Outcome {
        let (kind, max_wait) = (self.kind, self.max_wait);
        let mut seen = Seen::default();
        let call = async {
            match kind {
                Kind::Get => self.get(&mut seen).await,
                Kind::Create => self.create(&mut seen).await,
                Kind::Watch => self.watch(&mut seen).await,
                Kind::Import => self.import(&mut seen).await,
                Kind::Lookup => self.lookup(&mut seen).await,
            }
        };
        let code = match timeout(max_wait, call).await {
            Ok(Ok(())) => Code::Ok,
            Ok(Err(status)) => {
                seen.note(status.metadata());
                status.code()
            }
            Err(_) => Code::DeadlineExceeded,
        };
        Outcome::ended(kind, due, code, seen)
    }

    async fn get(mut self, seen: &mut Seen) -> Result<(), Status> {
        let user_id = self.user_ids.swap_remove(0);
        let answer = self.gateway.get_user(GetUserRequest { user_id }).await?;
        seen.note(answer.metadata());
        seen.degraded = answer.get_ref().degraded;
        Ok(())
    }

    async fn create(mut self, seen: &mut Seen) -> Result<(), Status> {
        let user = Some(new_user(&self.stem));
        let mut request = Request::new(CreateUserRequest { user });
        if self.has_key {
            let key = self.stem.parse();
            let key = key.expect("digits, letters and dashes are visible ASCII");
            request.metadata_mut().insert("idempotency-key", key);
        }
        let answer = self.gateway.create_user(request).await?;
        seen.note(answer.metadata());
        Ok(())
    }

    async fn watch(mut self, seen: &mut Seen) -> Result<(), Status> {
        let user_id = self.user_ids.swap_remove(0);
        // Three updates, 20 ms apart: long enough to be a stream, short enough to be many.
        let interval = Duration::from_millis(20).try_into().ok();
        let request = WatchUserRequest {
            user_id,
            updates: 3,
            interval,
        };
        let answer = self.gateway.watch_user(request).await?;
        seen.note(answer.metadata());
        let mut updates = answer.into_inner();
        while updates.message().await?.is_some() {}
        Ok(())
    }

    async fn import(mut self, seen: &mut Seen) -> Result<(), Status> {
        let stem = self.stem;
        let users = (0..self.user_ids.len()).map(move |number| ImportUsersRequest {
            user: Some(new_user(&format!("{stem}-{number}"))),
        });
        let answer = self.gateway.import_users(tokio_stream::iter(users)).await?;
        seen.note(answer.metadata());
        Ok(())
    }

    async fn lookup(mut self, seen: &mut Seen) -> Result<(), Status> {
        let user_ids = self.user_ids.into_iter();
        let questions = user_ids.map(|user_id| LookupUsersRequest { user_id });
        let answer = self
            .gateway
            .lookup_users(tokio_stream::iter(questions))
            .await?;
        seen.note(answer.metadata());
        let mut answers = answer.into_inner();
        while answers.message().await?.is_some() {}
        Ok(())
    }
}

fn new_user(stem: &str) -> NewUser {
    NewUser {
        name: "Made by the load".to_owned(),
        email: format!("{stem}@load.example.com"),
        bio: String::new(),
        city: "Everywhere".to_owned(),
    }
}
