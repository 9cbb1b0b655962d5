//! Keys, tokens and certificates for development: made on the spot, never for production.

mod token;

pub use self::token::{TokenError, TokenKey};
