use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use tokio_rustls::rustls::pki_types::DnsName;
use tonic_resilience::{errors::with_causes, tls};

use super::{
    CLOCKS,
    authority::Authority,
    files::{Readers, read, replace},
};

/// Why certificates cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A certificate cannot be made, or the authority's key in the folder is none.
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    /// A file cannot be read or written.
    #[error("cannot read or write the files")]
    Files(#[from] io::Error),
    /// The name of a service is no DNS name.
    #[error("{0:?} is no DNS name")]
    Service(String),
    /// The folder holds the certificate of an authority and not its key.
    #[error("ca.pem is there without ca.key, so nothing can be signed")]
    AuthorityKey,
    /// `ca.pem` is no certificate, or that of another key than `ca.key`.
    #[error("ca.pem and ca.key do not belong together")]
    Authority,
}

/// What became of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was none.
    Made,
    /// The one that was there was replaced, for this reason.
    Renewed(String),
    /// The one that was there is good.
    Kept,
}

/// A certificate in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The service, or `ca` for the authority.
    pub name: String,
    /// What became of it.
    pub change: Change,
    /// The end of its validity.
    pub not_after: SystemTime,
}

/// Sees to it that each service has a good certificate, signed by the authority in `folder`.
///
/// What is missing is made, the authority (`ca.pem`, `ca.key`) too. A certificate is replaced when
/// it cannot be used, or when less than a third of `valid_for` is left of it; the others stay as
/// they are. Each is valid from 5 min ago and for `valid_for`, the authority for ten years. Keys
/// can be read by their owner alone. The answer begins with the authority.
///
/// # Errors
///
/// [`CertificateError`], with nothing replaced that was good.
pub fn keep_certificates(
    folder: &Path,
    services: &[&str],
    valid_for: Duration,
) -> Result<Vec<Certificate>, CertificateError> {
    write(folder, services, valid_for, |authority, service| {
        state(folder, authority, service, valid_for / 3)
    })
}

/// Writes a new certificate for each service, as [`keep_certificates`] does where it must.
///
/// Servers take them up while they serve.
///
/// # Errors
///
/// [`CertificateError`] when the folder cannot be written or the authority in it is damaged.
pub fn write_certificates(
    folder: &Path,
    services: &[&str],
    valid_for: Duration,
) -> Result<Vec<Certificate>, CertificateError> {
    write(folder, services, valid_for, |_, service| {
        let found = read(folder, &format!("{service}.pem"))?;
        Ok(Err(match found {
            None => Change::Made,
            Some(_) => Change::Renewed("it was asked for".to_owned()),
        }))
    })
}

/// Writes what `state` says is to change.
fn write(
    folder: &Path,
    services: &[&str],
    valid_for: Duration,
    state: impl Fn(&Authority, &str) -> io::Result<Result<SystemTime, Change>>,
) -> Result<Vec<Certificate>, CertificateError> {
    for service in services {
        // Also keeps file names inside the folder.
        DnsName::try_from(*service).map_err(|_| CertificateError::Service((*service).into()))?;
    }
    fs::create_dir_all(folder)?;
    let authority = Authority::of(folder, valid_for)?;
    let mut certificates = vec![Certificate {
        name: "ca".to_owned(),
        change: authority.change.clone(),
        not_after: authority.not_after,
    }];
    for service in services {
        let (change, not_after) = match state(&authority, service)? {
            Ok(not_after) => (Change::Kept, not_after),
            Err(change) => (change, issue(folder, &authority, service, valid_for)?),
        };
        certificates.push(Certificate {
            name: (*service).to_owned(),
            change,
            not_after,
        });
    }
    Ok(certificates)
}

/// The end of a certificate that stays good for `margin`, or else what to do with it.
fn state(
    folder: &Path,
    authority: &Authority,
    service: &str,
    margin: Duration,
) -> io::Result<Result<SystemTime, Change>> {
    let files = [format!("{service}.pem"), format!("{service}.key")];
    let [Some(chain), Some(key)] = [read(folder, &files[0])?, read(folder, &files[1])?] else {
        return Ok(Err(Change::Made));
    };
    let ends = tls::end_of(&authority.pem, &chain, &key, service);
    Ok(match ends {
        Ok(ends) if ends > SystemTime::now() + margin => Ok(ends),
        Ok(_) => Err(Change::Renewed("it ends soon".to_owned())),
        Err(error) => Err(Change::Renewed(with_causes(&error))),
    })
}

/// Signs and writes a certificate; returns its end.
fn issue(
    folder: &Path,
    authority: &Authority,
    service: &str,
    valid_for: Duration,
) -> Result<SystemTime, CertificateError> {
    let key = KeyPair::generate()?;
    // A certificate is still good in its last second, whichever it is.
    let not_after = SystemTime::now() + valid_for - Duration::from_secs(1);
    let certificate = leaf(service, not_after)?.signed_by(&key, &authority.issuer)?;
    let (key, pem) = (key.serialize_pem(), certificate.pem());
    replace(folder, &format!("{service}.key"), &key, Readers::Owner)?;
    replace(folder, &format!("{service}.pem"), &pem, Readers::Everyone)?;
    Ok(not_after)
}

/// One certificate for both sides: a service is a server, and a client of the next.
fn leaf(service: &str, not_after: SystemTime) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(vec![service.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, service);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params.not_before = (SystemTime::now() - CLOCKS).into();
    params.not_after = not_after.into();
    Ok(params)
}
