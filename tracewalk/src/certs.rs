//! `tracewalk certs`: an authority and a certificate for each service, for development.

use std::{
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use clap::Args;
use dev_identity::{Certificate, Change, keep_certificates, write_certificates};
use serde_json::{Value, json};

use crate::output;

/// The services of the chain.
pub(crate) const SERVICES: [&str; 3] = ["gateway", "user", "profile"];

/// How long a certificate of the launcher is valid for.
pub(crate) const VALID_FOR: Duration = Duration::from_hours(30 * 24);

/// Which certificates to make, and where.
///
/// Running it again keeps what is good and renews the rest; services take new files up while they
/// serve. The folder then holds `ca.pem`, and `NAME.pem` with `NAME.key` for each service; who has
/// `ca.key` can be any service, so it stays here.
#[derive(Args, Debug)]
pub(crate) struct Certs {
    /// Folder of the certificates; made when it is not there.
    #[arg(value_name = "FOLDER", default_value = "certs")]
    folder: PathBuf,
    /// Names of the services: the DNS names in their certificates.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values = SERVICES)]
    services: Vec<String>,
    /// How long a certificate is valid for, as `12h` or `30d`; it is renewed in its last third.
    #[arg(
        long,
        value_name = "TIME",
        default_value = "30d",
        value_parser = humantime::parse_duration
    )]
    valid_for: Duration,
    /// Replaces every certificate, also those that are good.
    #[arg(long)]
    renew: bool,
    /// Prints what was done as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Makes the certificates and says what became of each.
pub(crate) fn run(certs: &Certs) -> anyhow::Result<ExitCode> {
    let services: Vec<_> = certs.services.iter().map(String::as_str).collect();
    let write = if certs.renew {
        write_certificates
    } else {
        keep_certificates
    };
    let certificates = write(&certs.folder, &services, certs.valid_for)
        .with_context(|| format!("no certificates in {}", certs.folder.display()))?;
    if certs.json {
        let certificates: Vec<_> = certificates.iter().map(to_json).collect();
        output::json(&json!({ "folder": certs.folder, "certificates": certificates }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for certificate in &certificates {
        output::line(Line(&certs.folder, certificate))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn to_json(certificate: &Certificate) -> Value {
    let (change, reason) = match &certificate.change {
        Change::Made => ("made", None),
        Change::Kept => ("kept", None),
        Change::Renewed(reason) => ("renewed", Some(reason)),
    };
    json!({
        "name": certificate.name,
        "change": change,
        "reason": reason,
        "not_after": day(certificate.not_after),
    })
}

/// `certs/user.pem  kept, good until 2026-12-23T11:40:02Z`.
struct Line<'a>(&'a Path, &'a Certificate);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(folder, certificate) = self;
        let file = folder.join(format!("{}.pem", certificate.name));
        let until = day(certificate.not_after);
        write!(f, "{}  ", output::cell(file.display(), 24))?;
        match &certificate.change {
            Change::Made => write!(f, "made, good until {until}"),
            Change::Kept => write!(f, "kept, good until {until}"),
            Change::Renewed(reason) => write!(f, "renewed, good until {until}: {reason}"),
        }
    }
}

fn day(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
