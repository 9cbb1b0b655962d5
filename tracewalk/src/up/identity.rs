use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use dev_identity::{TokenFolder, keep_certificates};
use tokio::time::sleep;

use super::config::Up;
use crate::{
    certs::{SERVICES, VALID_FOR},
    client::Bearer,
    output,
    token::{AUDIENCE, ISSUER, WRITE},
};

/// How long the token of the launcher is good for.
const TOKEN: Duration = Duration::from_hours(1);

/// Time between two renewals: shorter than the last third of the life of a token or a certificate.
const RENEWAL: Duration = Duration::from_mins(15);

/// Who is who in the stack: certificates for the services, and a token for those who write.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    /// Folder of the certificates; `None` without TLS.
    pub(super) certificates: Option<PathBuf>,
    /// Folder of the keys for tokens; `None` when writes are open to anyone.
    pub(super) keys: Option<PathBuf>,
}

impl Identity {
    /// Makes the certificates and keys that were asked for and are missing.
    ///
    /// # Errors
    /// When a folder cannot be written, or the key in it cannot sign.
    pub(super) fn prepare(up: &Up) -> anyhow::Result<Self> {
        let identity = Self {
            certificates: up.tls.path().map(Path::to_owned),
            keys: up.auth.path().map(Path::to_owned),
        };
        identity.renew()?;
        Ok(identity)
    }

    /// The flags of a service.
    pub(super) fn flags(&self, service: &str) -> Vec<(&'static str, String)> {
        // The flag is given when it is off, too: else a variable could switch it on for a service.
        let value = |folder: &Option<PathBuf>| {
            let folder = folder.as_deref().map(Path::display);
            folder.map_or_else(|| "off".to_owned(), |it| it.to_string())
        };
        let mut flags = vec![("--tls", value(&self.certificates))];
        if service == "gateway" {
            flags.push(("--auth", value(&self.keys)));
        }
        flags
    }

    /// The file with a token that may write, which is always a good one.
    pub(super) fn token_file(&self) -> Option<PathBuf> {
        Some(self.keys.as_ref()?.join("token"))
    }

    /// The folder of the keys; one in this folder, if the stack runs without.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn keys_for_a_while(&self, data_dir: &Path) -> anyhow::Result<PathBuf> {
        if let Some(keys) = &self.keys {
            return Ok(keys.clone());
        }
        let folder = data_dir.join("auth");
        renew_token(&folder).with_context(|| format!("no keys in {}", folder.display()))?;
        Ok(folder)
    }

    /// The token of our own traffic.
    ///
    /// # Errors
    /// When the file of the token is gone already.
    pub(super) fn bearer(&self) -> anyhow::Result<Bearer> {
        match self.token_file() {
            Some(file) => Bearer::in_file(file),
            None => Ok(Bearer::default()),
        }
    }

    /// Renews certificates and the token, for ever. A failure is printed, and tried again later.
    pub(super) async fn keep(&self) {
        loop {
            sleep(RENEWAL).await;
            if let Err(error) = self.renew() {
                output::mistake(&error);
            }
        }
    }

    fn renew(&self) -> anyhow::Result<()> {
        if let Some(folder) = &self.certificates {
            keep_certificates(folder, &SERVICES, VALID_FOR)
                .with_context(|| format!("no certificates in {} (--tls)", folder.display()))?;
        }
        if let Some(folder) = &self.keys {
            renew_token(folder)
                .with_context(|| format!("no token in {} (--auth)", folder.display()))?;
        }
        Ok(())
    }
}

fn renew_token(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let folder = TokenFolder::open(folder)?;
    let key = folder.key();
    let token = key.issue(ISSUER, AUDIENCE, "tracewalk up", &[WRITE], TOKEN)?;
    folder.keep_token(&token)?;
    Ok(())
}
