use std::{fmt, net::Ipv6Addr, str::FromStr};

use super::ParseTargetError;

/// One `host:port`: a DNS name, an IPv4 address or an IPv6 address in brackets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authority {
    host: String,
    port: u16,
}

impl Authority {
    /// The host, an IPv6 address with its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Authority {
    type Err = ParseTargetError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        parse(entry).map_err(|reason| ParseTargetError::Authority {
            entry: entry.to_owned(),
            reason,
        })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

fn parse(entry: &str) -> Result<Authority, &'static str> {
    let (host, port) = entry.rsplit_once(':').ok_or("the port is missing")?;
    check_host(host)?;
    // `u16::from_str` would take a leading plus.
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("the port is not a number");
    }
    match port.parse() {
        Ok(0) => Err("port 0 cannot be called"),
        Ok(port) => Ok(Authority {
            host: host.to_ascii_lowercase(),
            port,
        }),
        Err(_) if port.is_empty() => Err("the port is missing"),
        Err(_) => Err("the port is above 65535"),
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if host.is_empty() {
        return Err("the host is missing");
    }
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']').ok_or("the bracket is not closed")?;
        return match address.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err("the brackets do not hold an IPv6 address"),
        };
    }
    if host.contains(':') {
        return Err("an IPv6 address needs brackets");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if host.len() > 253 || !host.bytes().all(allowed) {
        return Err("the host is neither a DNS name nor an address");
    }
    Ok(())
}
