//! The users in maps, gone with the process.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use proto::user::v1::User;

use super::{Creation, Idempotency, seeds};

/// The users, with what must be unique about them.
#[derive(Clone, Debug)]
pub(crate) struct MemoryStore {
    tables: Arc<RwLock<Tables>>,
}

#[derive(Debug, Default)]
struct Tables {
    users: HashMap<String, User>,
    emails: HashSet<String>,
    /// Fingerprint and user id by idempotency key.
    keys: HashMap<String, (String, String)>,
}

impl MemoryStore {
    pub(super) fn new() -> Self {
        let mut tables = Tables::default();
        for user in seeds::users() {
            tables.insert(&user);
        }
        Self {
            tables: Arc::new(RwLock::new(tables)),
        }
    }

    pub(super) fn find(&self, user_id: &str) -> Option<User> {
        // No code panics while it holds the lock, so the tables are whole whatever the lock says.
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.users.get(user_id).cloned()
    }

    pub(super) fn create(&self, user: &User, idempotency: Option<Idempotency>) -> Creation {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(creation) = idempotency.as_ref().and_then(|it| tables.replay(it)) {
            return creation;
        }
        if tables.emails.contains(&user.email) {
            return Creation::EmailTaken;
        }
        if let Some(Idempotency { key, fingerprint }) = idempotency {
            tables.keys.insert(key, (fingerprint, user.user_id.clone()));
        }
        tables.insert(user);
        Creation::Created
    }
}

impl Tables {
    /// The result for a request whose key came before; `None` when it did not.
    fn replay(&self, idempotency: &Idempotency) -> Option<Creation> {
        let (fingerprint, user_id) = self.keys.get(&idempotency.key)?;
        if *fingerprint != idempotency.fingerprint {
            return Some(Creation::KeyReused);
        }
        self.users.get(user_id).cloned().map(Creation::Replayed)
    }

    fn insert(&mut self, user: &User) {
        self.emails.insert(user.email.clone());
        let kept = User {
            profile: None,
            ..user.clone()
        };
        self.users.insert(user.user_id.clone(), kept);
    }
}
