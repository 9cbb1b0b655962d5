//! The certificate of a service, for the services before and after it.

use std::path::PathBuf;

use tonic_resilience::{
    file_watch::FileWatchError,
    source::Source,
    tls::{Tls, TlsError, TlsMetrics},
};
use tonic_telemetry::Telemetry;

/// Where the certificates are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Certificates {
    /// Mutual TLS between the services: `off`, or a folder with `ca.pem` and this service's
    /// `NAME.pem` and `NAME.key`; read again when it changes.
    #[cfg_attr(feature = "clap", arg(long, default_value_t, value_name = "FOLDER"))]
    pub tls: Source,
}

/// Why the certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The files cannot be used.
    #[error("no TLS with the certificates in {folder} (--tls)")]
    Files {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        #[source]
        error: FileWatchError<TlsError>,
    },
    /// The registry has other series of the same names.
    #[error("cannot register the metrics of TLS")]
    Metrics(#[from] prometheus::Error),
}

impl Certificates {
    /// Reads the certificate of a service; `None` when it speaks plain TCP.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when a file is missing, wrong, expired, or of another service.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn load(&self, service: &str, telemetry: &Telemetry) -> Result<Option<Tls>, LoadError> {
        let Some(folder) = self.tls.path() else {
            return Ok(None);
        };
        let metrics = telemetry.metrics().once(TlsMetrics::new)?;
        match Tls::load(folder, service, &metrics) {
            Ok(tls) => Ok(Some(tls)),
            Err(error) => Err(LoadError::Files {
                folder: folder.to_owned(),
                error,
            }),
        }
    }
}
