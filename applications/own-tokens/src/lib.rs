//! Sessions of an application, in tokens that it signs for itself with HS256.

pub mod server;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::Result,
    get_current_timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct Session {
    pub user: String,
    exp: u64,
}

pub fn issue(secret: &[u8], user: &str) -> Result<String> {
    let session = Session {
        user: user.to_owned(),
        exp: get_current_timestamp() + 600,
    };
    encode(
        &Header::new(Algorithm::HS256),
        &session,
        &EncodingKey::from_secret(secret),
    )
}

pub fn read(secret: &[u8], token: &str) -> Result<Session> {
    let rules = Validation::new(Algorithm::HS256);
    Ok(decode(token, &DecodingKey::from_secret(secret), &rules)?.claims)
}
