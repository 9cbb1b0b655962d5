//! Names of servers: `static:///host:port,host:port` and `dns:///name:port`.
//!
//! The syntax is that of gRPC's [name resolution][spec]. `static` is a list that never changes;
//! `dns` is one name that may stand for several addresses, looked up again and again.
//!
//! [spec]: https://github.com/grpc/grpc/blob/master/doc/naming.md

mod authority;

#[cfg(test)]
mod tests;

pub use self::authority::Authority;

use std::{fmt, str::FromStr};

/// Where the servers of one service are found. Parse it from its text form.
///
/// ```
/// use tonic_resilience::client::target::Target;
///
/// let target: Target = "static:///10.0.0.1:50053,10.0.0.2:50053".parse().unwrap();
/// assert_eq!(target.authorities().len(), 2);
/// assert_eq!(target.to_string(), "static:///10.0.0.1:50053,10.0.0.2:50053");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A list of servers, in the order given; never empty, no server twice.
    Static(Vec<Authority>),
    /// One name, looked up in the DNS for all its addresses.
    Dns(Authority),
}

/// Why a text is not a [`Target`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseTargetError {
    /// Neither `static:///` nor `dns:///` begins the text.
    #[error(
        "{0:?} has no known scheme: expected static:///host:port,host:port or dns:///name:port"
    )]
    Scheme(String),
    /// An entry is not `host:port`.
    #[error("{entry:?} is not host:port: {reason}")]
    Authority {
        /// The entry as it was given.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The same entry comes twice: it would get twice its share.
    #[error("{0} is listed twice")]
    Duplicate(Authority),
}

impl Target {
    /// The servers as they are written: of a DNS target its one name.
    #[must_use]
    pub fn authorities(&self) -> &[Authority] {
        match self {
            Self::Static(list) => list,
            Self::Dns(name) => std::slice::from_ref(name),
        }
    }
}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(name) = text.strip_prefix("dns:///") {
            return Ok(Self::Dns(name.parse()?));
        }
        let Some(list) = text.strip_prefix("static:///") else {
            return Err(ParseTargetError::Scheme(text.to_owned()));
        };
        let mut authorities: Vec<Authority> = Vec::new();
        for entry in list.split(',') {
            let authority: Authority = entry.parse()?;
            let same = |other: &Authority| other.address() == authority.address();
            if authorities.iter().any(same) {
                return Err(ParseTargetError::Duplicate(authority));
            }
            authorities.push(authority);
        }
        Ok(Self::Static(authorities))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Static(_) => "static:///",
            Self::Dns(_) => "dns:///",
        })?;
        for (index, authority) in self.authorities().iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(formatter, "{separator}{authority}")?;
        }
        Ok(())
    }
}
