//! `WatchProfile`: one profile, read again and again.

use futures_util::{Stream, stream};
use proto::{
    limits::{self, Watch},
    profile::v1::{Profile, WatchProfileRequest, WatchProfileResponse},
};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tonic::Status;

use crate::{error::Error, store::Store};

/// The first update is read at once, so that an unknown user is an error of the call itself.
pub(super) async fn watch(
    store: Store,
    request: WatchProfileRequest,
) -> Result<impl Stream<Item = Result<WatchProfileResponse, Status>>, Error> {
    let WatchProfileRequest {
        user_id,
        updates,
        interval,
    } = request;
    let Watch { updates, interval } =
        limits::watch(&user_id, updates, interval.as_ref()).map_err(Error::InvalidWatch)?;
    let first = read(&store, &user_id).await?;
    let mut ticks = interval_at(Instant::now() + interval, interval);
    // A caller that reads slowly gets fewer updates a second, and no burst afterwards.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watching = Watching {
        store,
        user_id,
        updates,
        ticks,
        first: Some(first),
        sequence: 0,
    };
    Ok(stream::try_unfold(watching, Watching::next))
}

struct Watching {
    store: Store,
    user_id: String,
    updates: u32,
    ticks: Interval,
    first: Option<Profile>,
    /// The number of the last update.
    sequence: u32,
}

impl Watching {
    async fn next(mut self) -> Result<Option<(WatchProfileResponse, Self)>, Status> {
        if self.sequence == self.updates {
            return Ok(None);
        }
        let profile = if let Some(profile) = self.first.take() {
            profile
        } else {
            self.ticks.tick().await;
            read(&self.store, &self.user_id).await?
        };
        self.sequence += 1;
        let update = WatchProfileResponse {
            profile: Some(profile),
            sequence: self.sequence,
        };
        Ok(Some((update, self)))
    }
}

async fn read(store: &Store, user_id: &str) -> Result<Profile, Error> {
    let found = store.find(user_id).await?;
    found.ok_or_else(|| Error::UnknownUser {
        user_id: user_id.to_owned(),
    })
}
