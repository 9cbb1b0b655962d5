//! `ImportProfiles`: many profiles, written as they come.

use proto::{
    limits,
    profile::v1::{ImportProfilesRequest, Profile},
};
use tonic::{Status, Streaming};

use crate::{error::Error, store::Store};

/// How many profiles one transaction writes: no more of an import is in memory.
const BATCH: usize = 100;

/// Writes profiles as they come until the caller is done; returns how many.
pub(super) async fn import(
    store: &Store,
    mut requests: Streaming<ImportProfilesRequest>,
) -> Result<u32, Status> {
    let mut imported = 0;
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(ImportProfilesRequest { profile }) = requests.message().await? {
        if let Err(broken) = limits::profile(profile.as_ref()) {
            // What came before stays written.
            write(store, &mut batch).await?;
            return Err(Error::InvalidProfile(broken).into());
        }
        batch.extend(profile);
        if batch.len() == BATCH {
            imported += write(store, &mut batch).await?;
        }
    }
    imported += write(store, &mut batch).await?;
    Ok(imported)
}

/// Writes the batch and empties it; answers how many profiles were in it.
async fn write(store: &Store, batch: &mut Vec<Profile>) -> Result<u32, Error> {
    if batch.is_empty() {
        return Ok(0);
    }
    let profiles = std::mem::replace(batch, Vec::with_capacity(BATCH));
    let count = u32::try_from(profiles.len()).expect("a batch is small");
    store.put_all(profiles).await?;
    Ok(count)
}
