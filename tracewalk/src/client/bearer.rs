use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Args;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::Interceptor,
};
use tonic_resilience::file_watch::FileWatch;

/// Time between two looks at the file of a token.
const RELOAD: Duration = Duration::from_secs(1);

/// Who calls, by a signed token; calls are anonymous without one.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TokenArgs {
    /// A token as `tracewalk token` prints it. Other users of this machine can read command lines:
    /// prefer the variable or the file.
    // `--help` prints variables.
    #[arg(
        long,
        global = true,
        env = "TRACEWALK_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    token: Option<Secret>,
    /// A file with the token, read again when it changes; wins over --token.
    #[arg(long, global = true, env = "TRACEWALK_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// A text that no output shows. It is parsed later, because clap quotes a text that does not parse.
#[derive(Clone)]
struct Secret(String);

/// Puts the current token on each call.
#[derive(Clone, Debug, Default)]
pub(crate) enum Bearer {
    /// Calls are anonymous.
    #[default]
    Nobody,
    /// The same one for every call.
    Fixed(MetadataValue<Ascii>),
    /// The current token of a file.
    File(FileWatch<MetadataValue<Ascii>>),
}

/// A text that cannot be a token. The message does not quote the text: it may be nearly a token.
#[derive(Debug, thiserror::Error)]
#[error("it is empty, or has characters that no token has")]
pub(crate) struct NoToken;

impl TokenArgs {
    /// The [`Bearer`] that puts the token on calls.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no token.
    pub(crate) fn bearer(&self) -> anyhow::Result<Bearer> {
        if let Some(file) = &self.token_file {
            return Bearer::in_file(file.clone()).context("no token (--token-file)");
        }
        Ok(match &self.token {
            Some(Secret(token)) => Bearer::of(token).context("no token (--token)")?,
            None => Bearer::Nobody,
        })
    }
}

impl Bearer {
    /// This token.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn of(token: &str) -> Result<Self, NoToken> {
        authorization(token).map(Self::Fixed)
    }

    /// The token of this file, read again when it changes.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no token.
    pub(crate) fn in_file(file: PathBuf) -> anyhow::Result<Self> {
        let token = FileWatch::start(vec![file], RELOAD, |contents| {
            let text = std::str::from_utf8(&contents[0]).map_err(|_| NoToken)?;
            authorization(text)
        });
        Ok(Self::File(token?))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let value = match self {
            Self::Nobody => return Ok(request),
            Self::Fixed(value) => value.clone(),
            Self::File(value) => value.current().as_ref().clone(),
        };
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

fn authorization(token: &str) -> Result<MetadataValue<Ascii>, NoToken> {
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(NoToken);
    }
    let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().map_err(|_| NoToken)?;
    // Kept out of debug output, and out of the header table of HTTP/2.
    value.set_sensitive(true);
    Ok(value)
}
