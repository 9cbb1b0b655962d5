//! `LookupProfiles`: each id answered as it comes, in order.

use futures_util::{Stream, StreamExt as _};
use proto::{
    limits,
    profile::v1::{
        LookupError, LookupProfilesRequest, LookupProfilesResponse,
        lookup_profiles_response::Result as Found,
    },
};
use tonic::{Status, Streaming};

use crate::{error::Error, store::Store};

/// How many ids are looked up at a time: no more of a lookup is in memory.
const WINDOW: usize = 16;

/// Answers each id; a caller that reads slowly is asked for no more ids.
pub(super) fn lookup(
    store: Store,
    requests: Streaming<LookupProfilesRequest>,
) -> impl Stream<Item = Result<LookupProfilesResponse, Status>> {
    requests
        .map(move |request| {
            let store = store.clone();
            async move { Ok(answer(&store, request?.user_id).await?) }
        })
        .buffered(WINDOW)
}

/// An unknown or malformed id is an answer; only the database can end the stream.
async fn answer(store: &Store, user_id: String) -> Result<LookupProfilesResponse, Error> {
    let found = match limits::user_id(&user_id) {
        Err(broken) => refuse("INVALID_USER_ID", broken.to_string()),
        Ok(()) => match store.find(&user_id).await? {
            Some(profile) => Found::Profile(profile),
            None => refuse(
                "USER_NOT_FOUND",
                format!("there is no profile of user {user_id}"),
            ),
        },
    };
    Ok(LookupProfilesResponse {
        user_id,
        result: Some(found),
    })
}

fn refuse(reason: &str, message: String) -> Found {
    Found::Error(LookupError {
        reason: reason.to_owned(),
        message,
    })
}
