//! Keys, tokens and certificates for development: made on the spot, never for production.

mod certificates;
mod token;

pub use self::{
    certificates::{CertificateError, write_certificates},
    token::{TokenError, TokenKey},
};

#[cfg(test)]
pub(crate) use self::certificates::authority_params;
