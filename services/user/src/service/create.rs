//! `CreateUser`: one user and their profile, once for each idempotency key.

use proto::{
    limits,
    profile::v1::{Profile, PutProfileRequest},
    user::v1::{CreateUserRequest, CreateUserResponse, User},
};
use tonic::{Request, metadata::MetadataMap};

use super::{FoundProfile, Service};
use crate::{
    error::Error,
    store::{Creation, Idempotency, draft},
};

/// Keeps the user, then the profile.
///
/// A call that breaks off between the two is finished by its repetition, which finds the user and
/// writes the profile that is missing.
pub(super) async fn create(
    service: &Service,
    request: Request<CreateUserRequest>,
) -> Result<CreateUserResponse, Error> {
    let key = idempotency_key(request.metadata())?;
    let CreateUserRequest { user: new } = request.into_inner();
    limits::new_user(new.as_ref()).map_err(Error::InvalidUser)?;
    let new = new.unwrap_or_default();
    let idempotency = key.map(|key| Idempotency::new(key, &new));
    let user = draft(new);
    let profile = user.profile.clone().unwrap_or_default();
    match service.store.create(&user, idempotency).await? {
        Creation::Created => {
            let profile = put(service, profile).await?;
            Ok(CreateUserResponse {
                user: Some(User { profile, ..user }),
                replayed: false,
            })
        }
        Creation::Replayed(user) => {
            let profile = Profile {
                user_id: user.user_id.clone(),
                ..profile
            };
            let profile = get_or_put(service, profile).await?;
            Ok(CreateUserResponse {
                user: Some(User { profile, ..user }),
                replayed: true,
            })
        }
        Creation::KeyReused => Err(Error::IdempotencyKeyReused),
        Creation::EmailTaken => Err(Error::EmailTaken),
    }
}

/// The profile that the first call wrote; written here, if the first call did not come to it.
async fn get_or_put(service: &Service, profile: Profile) -> Result<Option<Profile>, Error> {
    match service.get_profile(&profile.user_id).await? {
        FoundProfile::Kept(kept) => Ok(Some(kept)),
        FoundProfile::NeverWritten => put(service, profile).await,
        FoundProfile::OutOfReach(status) => Err(Error::Profile(status)),
    }
}

async fn put(service: &Service, profile: Profile) -> Result<Option<Profile>, Error> {
    let request = PutProfileRequest {
        profile: Some(profile),
    };
    let answer = service
        .profiles
        .clone()
        .put_profile(request)
        .await
        .map_err(Error::Profile)?;
    Ok(answer.into_inner().profile)
}

fn idempotency_key(metadata: &MetadataMap) -> Result<Option<String>, Error> {
    let Some(key) = metadata.get("idempotency-key") else {
        return Ok(None);
    };
    limits::idempotency_key(key.as_bytes()).map_err(Error::InvalidIdempotencyKey)?;
    let key = String::from_utf8(key.as_bytes().to_vec()).expect("visible ASCII is UTF-8");
    Ok(Some(key))
}
