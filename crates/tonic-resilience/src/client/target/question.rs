use std::{fmt, net::IpAddr, str::FromStr};

use super::{Authority, ParseTargetError, authority::check_host};

/// What [`DnsQuestion`] begins with.
pub(super) const SCHEME: &str = "dns://";

/// The port of a DNS server that is given without one.
const DNS_PORT: u16 = 53;

/// A name, and the DNS server that is asked for it: `dns://SERVER:PORT/NAME:PORT` for addresses, or
/// `dns://SERVER:PORT/NAME` for SRV records, which have the ports.
///
/// The server is an address or a name that the system's resolver knows; without a port it is 53.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsQuestion {
    server: Authority,
    name: Name,
    /// Without the feature nobody can make one, so that nothing else must handle this case.
    pub(crate) built: Built,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Addresses(Authority),
    Srv(String),
}

impl Name {
    fn host(&self) -> &str {
        match self {
            Self::Addresses(name) => name.host(),
            Self::Srv(name) => name,
        }
    }
}

/// Proof that the program can ask a DNS server.
#[cfg(feature = "dns-server")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Built;
#[cfg(not(feature = "dns-server"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Built {}

impl DnsQuestion {
    /// The DNS server.
    #[must_use]
    pub fn server(&self) -> &Authority {
        &self.server
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.host()
    }

    /// The port of all servers; `None` where SRV records have the ports.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.authority().map(Authority::port)
    }

    /// The name and the port, if there is one.
    pub(super) fn authority(&self) -> Option<&Authority> {
        match &self.name {
            Name::Addresses(name) => Some(name),
            Name::Srv(_) => None,
        }
    }
}

impl FromStr for DnsQuestion {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text
            .strip_prefix(SCHEME)
            .ok_or_else(|| ParseTargetError::Scheme(text.to_owned()))?;
        let (server, name) = rest
            .split_once('/')
            .filter(|(_, name)| !name.is_empty())
            .ok_or_else(|| ParseTargetError::NoName(text.to_owned()))?;
        Ok(Self {
            server: parse_server(server)?,
            name: parse_name(name)?,
            built: built()?,
        })
    }
}

impl fmt::Display for DnsQuestion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{SCHEME}{}/", self.server)?;
        match &self.name {
            Name::Addresses(name) => name.fmt(formatter),
            Name::Srv(name) => name.fmt(formatter),
        }
    }
}

fn parse_server(text: &str) -> Result<Authority, ParseTargetError> {
    let refuse = |reason| Err(invalid(text, reason));
    if text.contains(';') {
        return refuse("a DNS server has no weight");
    }
    // The colons of an IPv6 address are within its brackets.
    if text.ends_with(']') || !text.contains(':') {
        return format!("{text}:{DNS_PORT}").parse();
    }
    text.parse()
}

fn parse_name(text: &str) -> Result<Name, ParseTargetError> {
    let name = if text.contains(':') {
        Name::Addresses(text.parse()?)
    } else {
        check_host(text).map_err(|reason| invalid(text, reason))?;
        Name::Srv(text.to_ascii_lowercase())
    };
    check_name(name.host()).map_err(|reason| invalid(text, reason))?;
    Ok(name)
}

/// What a question needs beside what [`check_host`] says.
fn check_name(host: &str) -> Result<(), &'static str> {
    if host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
        return Err("an address where a name to ask for is expected");
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.split('.').all(|label| (1..=63).contains(&label.len())) {
        Ok(())
    } else {
        Err("a part of the name is empty or longer than 63 characters")
    }
}

fn invalid(entry: &str, reason: &'static str) -> ParseTargetError {
    ParseTargetError::Question {
        entry: entry.to_owned(),
        reason,
    }
}

#[cfg(feature = "dns-server")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn built() -> Result<Built, ParseTargetError> {
    Ok(Built)
}

#[cfg(not(feature = "dns-server"))]
fn built() -> Result<Built, ParseTargetError> {
    Err(ParseTargetError::NotBuilt)
}
