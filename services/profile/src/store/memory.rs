//! The profiles in a map, gone with the process.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use proto::profile::v1::Profile;

use super::{seeds, timestamp};

/// The profiles by user id.
#[derive(Clone, Debug)]
pub(crate) struct MemoryStore {
    profiles: Arc<RwLock<HashMap<String, Profile>>>,
}

impl MemoryStore {
    pub(super) fn new() -> Self {
        let written = Some(timestamp(seeds::WRITTEN_AT_MS));
        let profiles = seeds::profiles()
            .map(|profile| Profile {
                updated_at: written,
                ..profile
            })
            .map(|profile| (profile.user_id.clone(), profile))
            .collect();
        Self {
            profiles: Arc::new(RwLock::new(profiles)),
        }
    }

    pub(super) fn find(&self, user_id: &str) -> Option<Profile> {
        self.read().get(user_id).cloned()
    }

    pub(super) fn put(&self, profile: Profile, now_ms: i64) -> Profile {
        let mut profiles = self.write();
        let kept = profiles.entry(profile.user_id.clone()).or_default();
        if kept.updated_at.is_none() || (&kept.bio, &kept.city) != (&profile.bio, &profile.city) {
            *kept = Profile {
                updated_at: Some(timestamp(now_ms)),
                ..profile
            };
        }
        kept.clone()
    }

    // No code panics while it holds the lock, so the map is whole even if the lock says otherwise.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Profile>> {
        self.profiles.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Profile>> {
        self.profiles
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
