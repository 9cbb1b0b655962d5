use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// How far clocks may be apart: certificates are valid from this long ago.
const CLOCKS: Duration = Duration::from_mins(5);

/// Why certificates cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A certificate cannot be made, or the authority's key in the folder is none.
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    /// A file cannot be read or written.
    #[error("cannot write the certificates")]
    Files(#[from] io::Error),
}

/// Writes a certificate for each service, signed by the authority in `folder`.
///
/// The authority (`ca.pem`, `ca.key`) is made when it is missing, and kept when it is there:
/// running it again replaces the certificates, which servers take up while they serve. Each is
/// valid from 5 min ago and for `valid_for`, the authority for ten years. Keys can be read by
/// their owner alone.
///
/// # Errors
///
/// [`CertificateError`] when the folder cannot be written or the authority's key is damaged.
pub fn write_certificates(
    folder: &Path,
    services: &[&str],
    valid_for: Duration,
) -> Result<(), CertificateError> {
    fs::create_dir_all(folder)?;
    let authority = authority(folder)?;
    for service in services {
        let key = KeyPair::generate()?;
        let certificate = leaf(service, valid_for)?.signed_by(&key, &authority)?;
        replace(folder, &format!("{service}.key"), &key.serialize_pem())?;
        replace(folder, &format!("{service}.pem"), &certificate.pem())?;
    }
    Ok(())
}

/// The authority of the folder, made if need be.
fn authority(folder: &Path) -> Result<Issuer<'static, KeyPair>, CertificateError> {
    let params = authority_params();
    let key = match fs::read_to_string(folder.join("ca.key")) {
        Ok(pem) => KeyPair::from_pem(&pem)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = KeyPair::generate()?;
            let certificate = params.self_signed(&key)?;
            replace(folder, "ca.key", &key.serialize_pem())?;
            replace(folder, "ca.pem", &certificate.pem())?;
            key
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Issuer::new(params, key))
}

/// The same each time, but for the dates: what the authority signs names it by these.
pub(crate) fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    let names = &mut params.distinguished_name;
    names.push(DnType::CommonName, "tracewalk development authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = (SystemTime::now() - CLOCKS).into();
    params.not_after = (SystemTime::now() + Duration::from_hours(10 * 365 * 24)).into();
    params
}

/// One certificate for both sides: a service is a server, and a client of the next.
fn leaf(service: &str, valid_for: Duration) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(vec![service.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, service);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params.not_before = (SystemTime::now() - CLOCKS).into();
    params.not_after = (SystemTime::now() + valid_for).into();
    Ok(params)
}

/// Writes a file beside the old one, and puts it in its place at once: nobody reads half of it.
fn replace(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let new = folder.join(format!(".{name}.new"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(&new)?, text.as_bytes())?;
    fs::rename(new, folder.join(name))
}
