//! Names of servers: `static:///host:port,host:port`, `dns:///name:port` and, with the feature
//! `dns-server`, `dns://server:port/name`.
//!
//! The syntax is that of gRPC's [name resolution][spec]. `static` is a list that never changes;
//! `dns` is one name that may stand for several addresses, looked up again and again: by the resolver
//! of the system, or by asking one DNS server, which may answer with SRV records.
//!
//! [spec]: https://github.com/grpc/grpc/blob/master/doc/naming.md

mod authority;
mod question;

#[cfg(test)]
mod tests;

pub use self::{authority::Authority, question::DnsQuestion};

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
    /// One name, and the DNS server that is asked for it.
    DnsServer(DnsQuestion),
}

/// Why a text is not a [`Target`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseTargetError {
    /// Neither `static:///` nor `dns://` begins the text.
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
    /// A DNS server, and no name to ask it for.
    #[error("{0:?} has no name: expected dns://SERVER:PORT/NAME:PORT or dns://SERVER:PORT/NAME")]
    NoName(String),
    /// A DNS server cannot be asked so.
    #[error("{entry:?} in dns://SERVER:PORT/NAME: {reason}")]
    Question {
        /// The server or the name as it was given.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The program can ask no DNS server but those of the system.
    #[error("dns://SERVER/NAME: built without the feature dns-server")]
    NotBuilt,
    /// The same entry comes twice: it would get twice its share.
    #[error("{0} is listed twice")]
    Duplicate(Authority),
}

impl Target {
    /// The servers as they are written: of a DNS target its one name, and none where SRV records have the ports.
    #[must_use]
    pub fn authorities(&self) -> &[Authority] {
        match self {
            Self::Static(list) => list,
            Self::Dns(name) => std::slice::from_ref(name),
            Self::DnsServer(question) => question.authority().map_or(&[], std::slice::from_ref),
        }
    }
}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(name) = text.strip_prefix("dns:///") {
            return Ok(Self::Dns(name.parse()?));
        }
        if text.starts_with(question::SCHEME) {
            return Ok(Self::DnsServer(text.parse()?));
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
        let list = match self {
            Self::Static(list) => list,
            Self::Dns(name) => return write!(formatter, "dns:///{name}"),
            Self::DnsServer(question) => return question.fmt(formatter),
        };
        for (index, authority) in list.iter().enumerate() {
            let separator = if index == 0 { "static:///" } else { "," };
            write!(formatter, "{separator}{authority}")?;
        }
        Ok(())
    }
}
