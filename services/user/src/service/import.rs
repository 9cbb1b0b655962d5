//! `ImportUsers`: many users, written as they come, their profiles streamed on.

use proto::{
    limits,
    profile::v1::{ImportProfilesRequest, Profile},
    user::v1::{ImportUsersRequest, ImportUsersResponse, Rejection, User},
};
use tonic::{Status, Streaming};
use tonic_resilience::client::upload::Upload;

use super::Service;
use crate::{
    error::Error,
    store::{Store, draft},
};

/// How many users one transaction writes: no more of an import is in memory.
const BATCH: usize = 100;
/// How many rejected items the summary names.
const NAMED_REJECTIONS: usize = 20;

/// Writes users as they come until the caller is done; returns the summary.
pub(super) async fn import(
    service: &Service,
    requests: Streaming<ImportUsersRequest>,
) -> Result<ImportUsersResponse, Status> {
    let (profiles, messages) = Upload::new(BATCH);
    let mut import = Import::new(service.store.clone(), profiles);
    let mut client = service.profiles.clone();
    let passing_on = async {
        let answer = client.import_profiles(messages).await;
        answer.map_err(|status| Status::from(Error::Profile(status)))
    };
    // An error of one side drops the other.
    tokio::try_join!(passing_on, import.run(requests))?;
    import.finish()
}

struct Import {
    store: Store,
    profiles: Upload<ImportProfilesRequest>,
    /// Whether the profile service stopped listening before all was sent.
    cut: bool,
    batch: Vec<User>,
    received: u32,
    summary: ImportUsersResponse,
}

impl Import {
    fn new(store: Store, profiles: Upload<ImportProfilesRequest>) -> Self {
        let summary = ImportUsersResponse::default();
        let batch = Vec::with_capacity(BATCH);
        Self {
            store,
            profiles,
            cut: false,
            batch,
            received: 0,
            summary,
        }
    }

    async fn run(&mut self, mut requests: Streaming<ImportUsersRequest>) -> Result<(), Status> {
        while let Some(request) = requests.message().await? {
            self.take(request);
            if self.batch.len() == BATCH {
                self.write().await?;
            }
            if self.cut {
                break;
            }
        }
        self.write().await?;
        self.profiles.finish().await;
        Ok(())
    }

    fn take(&mut self, request: ImportUsersRequest) {
        let ImportUsersRequest { user } = request;
        match limits::new_user(user.as_ref()) {
            Ok(()) => self.batch.extend(user.map(draft)),
            Err(broken) => {
                self.summary.rejected += 1;
                if self.summary.rejections.len() < NAMED_REJECTIONS {
                    let reason = broken.to_string();
                    self.summary.rejections.push(Rejection {
                        index: self.received,
                        reason,
                    });
                }
            }
        }
        self.received += 1;
    }

    async fn write(&mut self) -> Result<(), Error> {
        let users = std::mem::take(&mut self.batch);
        if users.is_empty() {
            return Ok(());
        }
        let all = count(&users);
        let kept = self.store.create_all(users).await?;
        self.summary.imported += count(&kept);
        self.summary.skipped += all - count(&kept);
        for profile in kept.into_iter().filter_map(|user| user.profile) {
            self.pass_on(profile).await;
        }
        Ok(())
    }

    async fn pass_on(&mut self, profile: Profile) {
        let request = ImportProfilesRequest {
            profile: Some(profile),
        };
        // If nobody listens, the status of the profile service says why.
        self.cut |= !self.profiles.send(request).await;
    }

    fn finish(self) -> Result<ImportUsersResponse, Status> {
        if self.cut {
            let broken = "it answered an import before its end";
            return Err(Error::ProfileContract { broken }.into());
        }
        Ok(self.summary)
    }
}

fn count(users: &[User]) -> u32 {
    u32::try_from(users.len()).expect("a batch is small")
}
