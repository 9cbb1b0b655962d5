use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData as _,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{
    CLOCKS, CertificateError, Change,
    files::{Readers, read, replace},
};

/// How long an authority is valid for.
const VALID_FOR: Duration = Duration::from_hours(10 * 365 * 24);

/// What signs the certificates of a folder: `ca.key`, and `ca.pem`, by which they are verified.
#[derive(Debug)]
pub(super) struct Authority {
    pub(super) issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
    pub(super) not_after: SystemTime,
    pub(super) change: Change,
}

impl Authority {
    /// The authority of the folder, made if need be; it must outlast certificates by `margin`.
    pub(super) fn of(folder: &Path, margin: Duration) -> Result<Self, CertificateError> {
        let (key, pem) = (read(folder, "ca.key")?, read(folder, "ca.pem")?);
        let (key, change) = match (key, &pem) {
            // `ca.pem` was put there on purpose: do not replace it by another authority's.
            (None, Some(_)) => return Err(CertificateError::AuthorityKey),
            (None, None) => (None, Change::Made),
            (Some(key), None) => (Some(key), Change::Renewed("ca.pem is missing".to_owned())),
            (Some(key), Some(pem)) => {
                let key = KeyPair::from_pem(&key)?;
                let not_after = end_of(pem, &key)?;
                if SystemTime::now() + margin < not_after {
                    return Ok(Self {
                        issuer: Issuer::new(authority_params(), key),
                        pem: pem.clone(),
                        not_after,
                        change: Change::Kept,
                    });
                }
                let why = "the authority ends before what it signs".to_owned();
                (Some(key.serialize_pem()), Change::Renewed(why))
            }
        };
        Self::sign(folder, key, change)
    }

    /// Makes a self-signed certificate: with the old key, certificates that it signed stay valid.
    fn sign(folder: &Path, key: Option<String>, change: Change) -> Result<Self, CertificateError> {
        let params = authority_params();
        let key = match key {
            Some(pem) => KeyPair::from_pem(&pem)?,
            None => KeyPair::generate()?,
        };
        let pem = params.self_signed(&key)?.pem();
        replace(folder, "ca.key", &key.serialize_pem(), Readers::Owner)?;
        replace(folder, "ca.pem", &pem, Readers::Everyone)?;
        Ok(Self {
            not_after: end_of(&pem, &key)?,
            issuer: Issuer::new(params, key),
            pem,
            change,
        })
    }
}

/// When the authority ends; an error if it is not the key's.
fn end_of(pem: &str, key: &KeyPair) -> Result<SystemTime, CertificateError> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes());
    let der = der.map_err(|_| CertificateError::Authority)?;
    let (_, certificate) =
        X509Certificate::from_der(&der).map_err(|_| CertificateError::Authority)?;
    if certificate.public_key().raw != key.subject_public_key_info() {
        return Err(CertificateError::Authority);
    }
    let seconds = certificate.validity().not_after.timestamp();
    let seconds = u64::try_from(seconds).unwrap_or_default();
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// The fields of the authority's certificate: always the same but for the dates, as the
/// certificates that it signs refer to it by these fields.
#[must_use]
pub fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    let names = &mut params.distinguished_name;
    names.push(DnType::CommonName, "development authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = (SystemTime::now() - CLOCKS).into();
    params.not_after = (SystemTime::now() + VALID_FOR).into();
    params
}
