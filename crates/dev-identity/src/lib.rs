//! Keys, tokens and certificates for development: made on the spot, never for production.

mod authority;
mod certificates;
mod files;
mod token;
mod token_folder;

#[cfg(test)]
mod tests;

pub use self::{
    authority::authority_params,
    certificates::{Certificate, CertificateError, Change, keep_certificates, write_certificates},
    token::{TokenError, TokenKey},
    token_folder::{TokenFolder, TokenFolderError},
};

use std::time::Duration;

/// How far clocks may be apart: certificates are valid from this long ago.
const CLOCKS: Duration = Duration::from_mins(5);

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
