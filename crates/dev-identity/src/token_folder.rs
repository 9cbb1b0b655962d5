use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    TokenError, TokenKey,
    files::{Readers, read, replace},
};

/// A folder of development keys: the one that signs tokens, and all that verify them.
///
/// `signing.key` is the private key, for its owner alone; `keys.json` the JWK set of all keys that
/// ever signed here, which services read.
///
/// ```
/// # use dev_identity::TokenFolder;
/// # use tonic_resilience::server::layers::authenticate::TokenVerifier;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let path = temporary.path();
/// let folder = TokenFolder::open(path)?;
/// let hour = std::time::Duration::from_secs(3600);
/// let token = folder.key().issue("tracewalk", "gateway", "ada", &["users:write"], hour)?;
/// let verifier = TokenVerifier::load(folder.keys(), "tracewalk", "gateway")?;
/// assert_eq!(verifier.verify(&token)?.name(), "ada");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TokenFolder {
    folder: PathBuf,
    key: TokenKey,
    is_new: bool,
}

/// Why a folder of keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenFolderError {
    /// A file cannot be read or written.
    #[error("cannot read or write the files")]
    Files(#[from] io::Error),
    /// `signing.key` is no key, or there is no randomness.
    #[error("cannot use signing.key")]
    Key(#[from] TokenError),
    /// `keys.json` is no JWK set.
    #[error("keys.json is not a JSON Web Key set")]
    Keys(#[from] serde_json::Error),
    /// `keys.json` has public keys, but their private key is missing.
    #[error("keys.json is there without signing.key, so nothing can be signed")]
    NoKey,
}

/// A JWK set.
#[derive(Default, Deserialize, Serialize)]
struct Set {
    keys: Vec<Value>,
}

impl TokenFolder {
    /// Opens the folder, and makes what is missing: the folder, the key, and its public half.
    ///
    /// # Errors
    ///
    /// [`TokenFolderError`] when what is there cannot be used.
    pub fn open(folder: &Path) -> Result<Self, TokenFolderError> {
        let Some(pem) = read(folder, "signing.key")? else {
            if read(folder, "keys.json")?.is_some() {
                return Err(TokenFolderError::NoKey);
            }
            return Self::replace_key(folder);
        };
        let opened = Self {
            folder: folder.to_owned(),
            key: TokenKey::from_pem(&pem)?,
            is_new: false,
        };
        opened.publish()?;
        Ok(opened)
    }

    /// Makes a new key that signs from then on. Tokens by the old ones stay good as long as
    /// `keys.json` has their keys.
    ///
    /// Services read `keys.json` once a second: a token by the new key may be refused until then.
    ///
    /// # Errors
    ///
    /// [`TokenFolderError`] when the folder cannot be written.
    pub fn replace_key(folder: &Path) -> Result<Self, TokenFolderError> {
        fs::create_dir_all(folder)?;
        let made = Self {
            folder: folder.to_owned(),
            key: TokenKey::generate()?,
            is_new: true,
        };
        // Published first: a token must not be signed with a key that services cannot find.
        made.publish()?;
        replace(folder, "signing.key", made.key.to_pem(), Readers::Owner)?;
        Ok(made)
    }

    /// The key that signs.
    #[must_use]
    pub fn key(&self) -> &TokenKey {
        &self.key
    }

    /// Whether the key was made by this very call.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The file of the public keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.folder.join("keys.json")
    }

    /// Writes a token to the file `token`, for its owner alone; returns the path.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn keep_token(&self, token: &str) -> io::Result<PathBuf> {
        replace(&self.folder, "token", token, Readers::Owner)?;
        Ok(self.folder.join("token"))
    }

    /// Adds the public half of the key to `keys.json`, unless it is there.
    fn publish(&self) -> Result<(), TokenFolderError> {
        // Other keys in the file are kept as they are.
        let mut set: Set = match read(&self.folder, "keys.json")? {
            Some(text) => serde_json::from_str(&text)?,
            None => Set::default(),
        };
        let jwk = self.key.jwk();
        if set.keys.contains(&jwk) {
            return Ok(());
        }
        set.keys.push(jwk);
        let text = serde_json::to_string_pretty(&set)?;
        replace(&self.folder, "keys.json", &text, Readers::Everyone)?;
        Ok(())
    }
}
