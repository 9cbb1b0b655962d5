//! `LookupUsers`: each id answered as it comes, in order, with the profile from the next hop.

use std::collections::VecDeque;

use futures_util::{
    FutureExt as _, Stream, StreamExt as _, TryFutureExt as _,
    future::BoxFuture,
    stream::{self, BoxStream, FuturesOrdered},
};
use proto::{
    limits,
    profile::v1::{
        LookupProfilesRequest, LookupProfilesResponse,
        lookup_profiles_response::Result as FoundProfile,
    },
    user::v1::{
        LookupError, LookupUsersRequest, LookupUsersResponse, User,
        lookup_users_response::Result as FoundUser,
    },
};
use tonic::{Response, Status, Streaming};
use tonic_resilience::client::upload::Upload;

use super::Service;
use crate::error::Error;

/// How many ids are under way at a time: no more of a lookup is in memory.
const WINDOW: usize = 16;

/// Answers each id; a caller that reads slowly is asked for no more ids.
pub(super) fn lookup(
    service: Service,
    requests: Streaming<LookupUsersRequest>,
) -> impl Stream<Item = Result<LookupUsersResponse, Status>> {
    // One more than the ids, for the end of the stream.
    let (ids, onward) = Upload::new(WINDOW + 1);
    let mut client = service.profiles.clone();
    // The profile service may send its headers with its first answer, which needs the first id: so
    // nothing here waits for the headers alone.
    let profiles = async move {
        client
            .lookup_profiles(onward)
            .await
            .map(Response::into_inner)
    };
    let lookup = Lookup {
        service,
        requests,
        ended: false,
        searches: FuturesOrdered::new(),
        ids: Some(ids),
        waiting: VecDeque::with_capacity(WINDOW),
        profiles: profiles.try_flatten_stream().boxed(),
    };
    stream::try_unfold(lookup, |mut lookup| async {
        Ok(lookup.next().await?.map(|answer| (answer, lookup)))
    })
}

/// An id on its way: from the caller to the store, to the profile service, and back.
///
/// ```text
/// requests ─► searches ─► ids ─► profile service ─► profiles ─┐
///                 └─────────────► waiting ────────────────────┴─► answers
/// ```
struct Lookup {
    service: Service,
    requests: Streaming<LookupUsersRequest>,
    /// Whether the caller has sent the last id.
    ended: bool,
    searches: FuturesOrdered<BoxFuture<'static, Result<Search, Error>>>,
    /// The ids for the profile service; `None` after the last.
    ids: Option<Upload<LookupProfilesRequest>>,
    waiting: VecDeque<Search>,
    profiles: BoxStream<'static, Result<LookupProfilesResponse, Status>>,
}

/// What the store says of an id.
enum Search {
    /// The profile is still to come.
    Found(User),
    /// The answer is complete.
    Refused(LookupUsersResponse),
}

impl Lookup {
    /// The next answer; `None` after the last.
    async fn next(&mut self) -> Result<Option<LookupUsersResponse>, Status> {
        loop {
            if let Some(answer) = self.take_refused() {
                return Ok(Some(answer));
            }
            if self.ended
                && self.searches.is_empty()
                && let Some(ids) = self.ids.take()
            {
                ids.finish().await;
            }
            // At least one branch is enabled, and each may be dropped while it waits.
            tokio::select! {
                request = self.requests.message(), if self.has_room() => self.search(request?),
                Some(search) = self.searches.next(), if !self.searches.is_empty() => {
                    self.forward(search?).await;
                }
                profile = self.profiles.next(), if self.expects_profile() => {
                    return Ok(self.complete(profile.transpose().map_err(Error::Profile)?)?);
                }
            }
        }
    }

    /// The front of the queue, if it needs no profile.
    fn take_refused(&mut self) -> Option<LookupUsersResponse> {
        let front = self
            .waiting
            .pop_front_if(|search| matches!(search, Search::Refused(_)));
        front.and_then(|search| match search {
            Search::Refused(answer) => Some(answer),
            Search::Found(_) => None,
        })
    }

    fn has_room(&self) -> bool {
        !self.ended && self.searches.len() + self.waiting.len() < WINDOW
    }

    /// Whether a profile is awaited for the front of the queue, or the end of the stream after the
    /// last id.
    fn expects_profile(&self) -> bool {
        !self.waiting.is_empty() || self.ids.is_none()
    }

    fn search(&mut self, request: Option<LookupUsersRequest>) {
        let Some(LookupUsersRequest { user_id }) = request else {
            self.ended = true;
            return;
        };
        let store = self.service.store.clone();
        let search = async move {
            if let Err(broken) = limits::user_id(&user_id) {
                return Ok(refuse(user_id, "INVALID_USER_ID", broken.to_string()));
            }
            let found = store.find(&user_id).await?.map(Search::Found);
            Ok(found.unwrap_or_else(|| {
                let message = format!("there is no user {user_id}");
                refuse(user_id, "USER_NOT_FOUND", message)
            }))
        };
        self.searches.push_back(search.boxed());
    }

    async fn forward(&mut self, search: Search) {
        if let (Search::Found(user), Some(ids)) = (&search, &self.ids) {
            let request = LookupProfilesRequest {
                user_id: user.user_id.clone(),
            };
            // There is always room: no more ids are under way than the channel holds. If nobody
            // listens, the status of the profile service says why.
            let _sent = ids.send(request).await;
        }
        self.waiting.push_back(search);
    }

    /// Joins the front of the queue with its profile.
    fn complete(
        &mut self,
        profile: Option<LookupProfilesResponse>,
    ) -> Result<Option<LookupUsersResponse>, Error> {
        match (profile, self.waiting.pop_front()) {
            (None, None) => Ok(None),
            (Some(LookupProfilesResponse { user_id, result }), Some(Search::Found(user)))
                if user_id == user.user_id =>
            {
                let profile = match result {
                    Some(FoundProfile::Profile(profile)) => Some(profile),
                    Some(FoundProfile::Error(_)) | None => None,
                };
                let result = Some(FoundUser::User(User { profile, ..user }));
                Ok(Some(LookupUsersResponse { user_id, result }))
            }
            _ => Err(Error::ProfileContract {
                broken: "a lookup lacks answers or has too many",
            }),
        }
    }
}

fn refuse(user_id: String, reason: &str, message: String) -> Search {
    let error = LookupError {
        reason: reason.to_owned(),
        message,
    };
    Search::Refused(LookupUsersResponse {
        user_id,
        result: Some(FoundUser::Error(error)),
    })
}
