use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use tonic_resilience::client::target::{ParseTargetError, Target};

use crate::url::{EtcdUrl, ParseUrlError, SCHEME};

/// A target of any scheme: `static:///HOST:PORT,HOST:PORT`, `dns:///NAME:PORT`, `dns://SERVER:PORT/NAME`,
/// `etcd:///NAME` or `etcd://HOST:PORT/NAME`.
///
/// The syntax is that of gRPC's [name resolution][spec].
///
/// ```
/// # use etcd_registry::AnyTarget;
/// let target: AnyTarget = "etcd:///user".parse().unwrap();
/// assert_eq!(target.to_string(), "etcd:///user");
/// assert!("etcd://10.0.0.1:2379".parse::<AnyTarget>().is_err());
/// ```
///
/// [spec]: https://github.com/grpc/grpc/blob/master/doc/naming.md
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyTarget {
    /// A list of servers, or a name in the DNS.
    Plain(Target),
    /// A name in etcd.
    Etcd {
        /// The cluster, and the name.
        url: EtcdUrl,
        /// The name.
        name: String,
    },
}

/// Why a text is not an [`AnyTarget`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseAnyTargetError {
    /// No scheme that is known.
    #[error(
        "{0:?} has no known scheme: expected static:///host:port,host:port, dns:///name:port or etcd:///name"
    )]
    Scheme(String),
    /// The list of servers, or the name in the DNS.
    #[error(transparent)]
    Plain(ParseTargetError),
    /// The cluster, or the name in it.
    #[error(transparent)]
    Etcd(#[from] ParseUrlError),
    /// A cluster, and nothing to look for in it.
    #[error("{0:?} has no name: expected etcd://HOST:PORT/NAME or etcd:///NAME")]
    NoName(String),
}

impl FromStr for AnyTarget {
    type Err = ParseAnyTargetError;

    fn from_str(text: &str) -> Result<Self, ParseAnyTargetError> {
        if !text.starts_with(SCHEME) {
            return text.parse().map(Self::Plain).map_err(|error| match error {
                ParseTargetError::Scheme(text) => ParseAnyTargetError::Scheme(text),
                error => ParseAnyTargetError::Plain(error),
            });
        }
        let url: EtcdUrl = text.parse()?;
        match url.name.clone() {
            Some(name) => Ok(Self::Etcd { url, name }),
            None => Err(ParseAnyTargetError::NoName(text.to_owned())),
        }
    }
}

impl From<Target> for AnyTarget {
    fn from(target: Target) -> Self {
        Self::Plain(target)
    }
}

impl Display for AnyTarget {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(target) => target.fmt(formatter),
            Self::Etcd { url, .. } => url.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("static:///a:1,b:2;weight=3")]
    #[case("dns:///user:50052")]
    #[case("etcd:///user")]
    #[case("etcd://a:2379,b:2379/user")]
    fn what_is_parsed_prints_the_same(#[case] text: &str) {
        let target: AnyTarget = text.parse().expect("a target");
        assert_eq!(target.to_string(), text);
    }

    #[rstest]
    #[case("consul:///user", "or etcd:///name")]
    #[case("etcd://a:2379", "has no name")]
    #[case("etcd:///", "has no name")]
    #[case("etcd:///:", "is not a name")]
    #[case("static:///a", "the port is missing")]
    fn what_is_wrong_is_said(#[case] text: &str, #[case] reason: &str) {
        let error = text.parse::<AnyTarget>().expect_err("no target");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
