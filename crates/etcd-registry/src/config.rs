use std::{
    fmt::{self, Debug, Formatter},
    net::SocketAddr,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use clap::{Args, value_parser};
use tonic_resilience::client::target::Authority;
use tonic_telemetry::Telemetry;

use crate::{
    Registry,
    error::TlsFileError,
    url::{EtcdUrl, parse_member},
};

/// Where etcd is, how it is reached, and whether a service registers there.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct RegistryConfig {
    /// The members of the etcd cluster for targets `etcd:///NAME`.
    #[arg(
        long,
        value_name = "HOST:PORT,HOST:PORT",
        value_delimiter = ',',
        value_parser = parse_member,
        default_value = "127.0.0.1:2379"
    )]
    pub etcd: Vec<Authority>,
    /// The authority of etcd's certificates (PEM): etcd is called by TLS; without it, in plain text.
    #[arg(long, value_name = "FILE")]
    pub etcd_ca: Option<PathBuf>,
    /// The certificate that this process shows to etcd (PEM).
    #[arg(long, value_name = "FILE", requires = "etcd_key", requires = "etcd_ca")]
    pub etcd_cert: Option<PathBuf>,
    /// The key of that certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "etcd_cert")]
    pub etcd_key: Option<PathBuf>,
    /// The user and the password in etcd; without it, no user.
    #[arg(long, value_name = "NAME:PASSWORD", hide_env_values = true)]
    pub etcd_user: Option<User>,
    /// Registers this service in etcd once it is ready: `etcd://HOST:PORT`, or `etcd:///` for the
    /// members of `--etcd`. `etcd:///NAME` registers under another name than the service's own.
    #[arg(long, value_name = "ETCD")]
    pub register: Option<EtcdUrl>,
    /// The address to register, by which others reach this service. By default that of `--listen`,
    /// or if it listens on all addresses, the one with which this machine reaches etcd.
    #[arg(long, value_name = "HOST:PORT", value_parser = parse_member)]
    pub advertise: Option<Authority>,
    /// The weight to register: a server with 3 gets three times the calls of one with 1 from callers
    /// with `weighted_round_robin`.
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u16).range(1..))]
    pub weight: u16,
    /// How long a service that died stays registered, as `5s`; at least 1s, in whole seconds.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_lease)]
    pub lease: Duration,
}

/// A user of etcd with its password, as `NAME:PASSWORD`.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Why the registry cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file of the certificates for etcd cannot be read.
    #[error("no TLS to etcd")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Other series have the names of ours.
    #[error("cannot register the metrics of the registry")]
    Metrics(#[from] prometheus::Error),
}

impl From<TlsFileError> for OpenError {
    fn from(error: TlsFileError) -> Self {
        Self::Tls(error.into())
    }
}

impl Default for RegistryConfig {
    /// What a command line without flags says: nothing registers.
    fn default() -> Self {
        Self {
            etcd: vec![Authority::from(SocketAddr::from(([127, 0, 0, 1], 2379)))],
            etcd_ca: None,
            etcd_cert: None,
            etcd_key: None,
            etcd_user: None,
            register: None,
            advertise: None,
            weight: 1,
            lease: Duration::from_secs(10),
        }
    }
}

impl RegistryConfig {
    /// The registry, which is not connected to before a target is looked up or a server registers.
    #[must_use]
    pub fn open(&self, telemetry: &Telemetry) -> Registry {
        Registry {
            config: self.clone(),
            metrics: telemetry.metrics().clone(),
        }
    }
}

impl FromStr for User {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((name, password)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                password: password.to_owned(),
            }),
            _ => Err("expected NAME:PASSWORD"),
        }
    }
}

impl Debug for User {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:***", self.name)
    }
}

fn parse_lease(text: &str) -> Result<Duration, String> {
    let lease = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if lease.subsec_nanos() == 0 && (1..=86_400).contains(&lease.as_secs()) {
        Ok(lease)
    } else {
        Err("expected whole seconds from 1s to 1day, which is what etcd counts in".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rstest::rstest;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        registry: RegistryConfig,
    }

    fn parse(flags: &[&str]) -> Result<RegistryConfig, clap::Error> {
        let all = ["service"].iter().chain(flags);
        Ok(Cli::try_parse_from(all)?.registry)
    }

    #[test]
    fn by_default_nothing_registers() {
        let config = parse(&[]).expect("the defaults");
        assert_eq!(config, RegistryConfig::default());
        assert_eq!(config.register, None);
    }

    #[test]
    fn a_password_is_never_printed() {
        let config = parse(&["--etcd-user", "walk:se:cret"]).expect("a user");
        assert_eq!(
            config.etcd_user.as_ref().map(|it| &*it.password),
            Some("se:cret")
        );
        assert!(!format!("{config:?}").contains("cret"));
    }

    #[rstest]
    #[case(&["--etcd", "a"], "the port is missing")]
    #[case(&["--register", "127.0.0.1:2379"], "does not begin with etcd://")]
    #[case(&["--advertise", "0.0.0.0"], "the port is missing")]
    #[case(&["--weight", "0"], "not in 1..")]
    #[case(&["--lease", "500ms"], "whole seconds")]
    #[case(&["--lease", "0s"], "whole seconds")]
    #[case(&["--etcd-user", "walk"], "expected NAME:PASSWORD")]
    #[case(&["--etcd-cert", "a.pem", "--etcd-ca", "ca.pem"], "--etcd-key")]
    #[case(&["--etcd-cert", "a.pem", "--etcd-key", "a.key"], "--etcd-ca")]
    fn what_is_wrong_is_said(#[case] flags: &[&str], #[case] reason: &str) {
        let error = parse(flags).expect_err("a mistake").to_string();
        assert!(error.contains(reason), "{error}");
    }
}
