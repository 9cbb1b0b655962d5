//! `WatchUser`: one user, read again with each update of the profile.

use futures_util::{Stream, StreamExt as _};
use proto::{
    limits,
    profile::v1::{WatchProfileRequest, WatchProfileResponse},
    user::v1::{User, WatchUserRequest, WatchUserResponse},
};
use tonic::Status;

use super::Service;
use crate::error::Error;

/// The profile service sends at the interval; a caller that reads slowly slows it down.
pub(super) async fn watch(
    service: Service,
    request: WatchUserRequest,
) -> Result<impl Stream<Item = Result<WatchUserResponse, Status>>, Error> {
    let WatchUserRequest {
        user_id,
        updates,
        interval,
    } = request;
    limits::watch(&user_id, updates, interval.as_ref()).map_err(Error::InvalidWatch)?;
    // Asked first, so that an unknown user costs no call.
    service.find(&user_id).await?;
    let request = WatchProfileRequest {
        user_id: user_id.clone(),
        updates,
        interval,
    };
    let answer = service
        .profiles
        .clone()
        .watch_profile(request)
        .await
        .map_err(Error::Profile)?;
    Ok(answer.into_inner().then(move |update| {
        let service = service.clone();
        let user_id = user_id.clone();
        async move {
            let WatchProfileResponse { profile, sequence } = update.map_err(Error::Profile)?;
            let user = service.find(&user_id).await?;
            Ok(WatchUserResponse {
                user: Some(User { profile, ..user }),
                sequence,
            })
        }
    }))
}
