use std::path::{Path, PathBuf};

use clap::Args;
use tonic_resilience::{
    file_watch::FileWatchError,
    server::layers::authenticate::{AuthenticateLayer, KeysError, TokenVerifier},
    source::Source,
};

/// The scope that a write asks for.
const WRITE: &str = "users:write";

/// The methods that write.
const WRITES: [&str; 2] = [
    "tracewalk.gateway.v1.GatewayService/CreateUser",
    "tracewalk.gateway.v1.GatewayService/ImportUsers",
];

/// Whose word the gateway takes for who calls.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// Tokens for writes: `off`, or a JSON Web Key set with the keys that may sign them, or a
    /// folder with it as `keys.json`, as `tracewalk token` makes it; read again when it changes.
    #[arg(long, default_value_t, value_name = "PATH")]
    pub auth: Source,
    /// Who must have signed a token (`iss`).
    #[arg(long, default_value = "tracewalk", value_name = "NAME")]
    pub auth_issuer: String,
    /// Whom a token must be for (`aud`).
    #[arg(long, default_value = "gateway", value_name = "NAME")]
    pub auth_audience: String,
}

/// The keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("no keys for tokens in {path} (--auth)")]
pub struct AuthError {
    path: PathBuf,
    #[source]
    error: FileWatchError<KeysError>,
}

impl Auth {
    /// The layer that checks tokens: only callers with the scope may write; `None` when anyone may.
    ///
    /// # Errors
    ///
    /// [`AuthError`] when the keys cannot be read.
    pub(crate) fn layer(&self) -> Result<Option<AuthenticateLayer>, AuthError> {
        let Some(path) = self.auth.path() else {
            tracing::warn!("writes are open to anyone: --auth says whose tokens are needed");
            return Ok(None);
        };
        let verifier = TokenVerifier::load(keys(path), &self.auth_issuer, &self.auth_audience);
        let verifier = verifier.map_err(|error| AuthError {
            path: path.to_owned(),
            error,
        })?;
        let writes = WRITES.iter();
        let layer = AuthenticateLayer::new(verifier);
        Ok(Some(
            writes.fold(layer, |layer, method| layer.require(WRITE, method)),
        ))
    }
}

/// The file of the keys.
fn keys(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.join("keys.json")
    } else {
        path.to_owned()
    }
}
