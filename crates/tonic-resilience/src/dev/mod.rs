//! Keys, tokens and certificates for development: made on the spot, never for production.

mod authority;
mod certificates;
mod files;
mod token;
mod token_folder;

#[cfg(test)]
mod tests;

pub use self::{
    certificates::{Certificate, CertificateError, Change, keep_certificates, write_certificates},
    token::{TokenError, TokenKey},
    token_folder::{TokenFolder, TokenFolderError},
};

#[cfg(test)]
pub(crate) use self::authority::authority_params;

use std::time::Duration;

/// How far clocks may be apart: certificates are valid from this long ago.
const CLOCKS: Duration = Duration::from_mins(5);
