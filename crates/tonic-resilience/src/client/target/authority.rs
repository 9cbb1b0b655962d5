use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use super::ParseTargetError;

/// One `host:port`: a DNS name, an IPv4 address or an IPv6 address in brackets.
///
/// With `;weight=3` behind it, a server gets three times the calls of one without a weight, if the
/// load-balancing policy uses weights.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authority {
    host: String,
    port: u16,
    weight: u16,
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

    /// The weight of the server, never 0; default 1.
    #[must_use]
    pub fn weight(&self) -> u16 {
        self.weight
    }

    /// The server with another weight; 0 counts as 1.
    #[cfg(feature = "dns-server")]
    pub(crate) fn weighing(self, weight: u16) -> Self {
        let weight = weight.max(1);
        Self { weight, ..self }
    }

    /// `host:port`, without the weight.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
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
        write!(formatter, "{}:{}", self.host, self.port)?;
        match self.weight {
            1 => Ok(()),
            weight => write!(formatter, ";weight={weight}"),
        }
    }
}

impl From<SocketAddr> for Authority {
    fn from(address: SocketAddr) -> Self {
        let host = match address.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        Self {
            host,
            port: address.port(),
            weight: 1,
        }
    }
}

fn parse(entry: &str) -> Result<Authority, &'static str> {
    let (entry, weight) = match entry.split_once(";weight=") {
        Some((entry, weight)) => (entry, parse_weight(weight)?),
        None => (entry, 1),
    };
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
            weight,
        }),
        Err(_) if port.is_empty() => Err("the port is missing"),
        Err(_) => Err("the port is above 65535"),
    }
}

fn parse_weight(text: &str) -> Result<u16, &'static str> {
    match text.parse() {
        Ok(weight @ 1..) if !text.starts_with('+') => Ok(weight),
        _ => Err("the weight is not a number from 1 to 65535"),
    }
}

pub(super) fn check_host(host: &str) -> Result<(), &'static str> {
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
    if host.contains(',') {
        return Err("a list where one name is expected");
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
