//! A client's TLS of an application, with what rustls has by default.

use rustls::{ClientConfig, RootCertStore};

/// Panics where the features of the build name two providers, or none.
pub fn client() -> ClientConfig {
    let roots = RootCertStore::empty();
    ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
