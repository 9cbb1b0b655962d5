use std::{fmt, net::Ipv6Addr, str::FromStr};

use backends::metrics::Target;

/// The job of all services, by which the dashboards and rules find them.
pub(crate) const SCRAPE_JOB: &str = "grpc-services";

/// A service of one's own whose metrics are read: `NAME=HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScrapeTarget {
    name: String,
    address: String,
}

/// A value that is not `NAME=HOST:PORT`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ScrapeError {
    #[error("expected NAME=HOST:PORT, as shop=127.0.0.1:9101: there is no `=`")]
    NoName,
    #[error("expected a name before the `=`, as shop=127.0.0.1:9101")]
    EmptyName,
    #[error("expected HOST:PORT without {0}: the page is always http://HOST:PORT/metrics")]
    Url(&'static str),
    #[error("expected a port behind the host, as 127.0.0.1:9101")]
    NoPort,
    #[error("expected a port from 1 to 65535, found `{0}`")]
    BadPort(String),
    #[error("expected a host or an IP address before the port, IPv6 in brackets; found `{0}`")]
    BadHost(String),
}

impl ScrapeTarget {
    /// With the labels that the dashboards know.
    pub(super) fn target(&self) -> Target {
        let labels = [("service_name", self.name.as_str())];
        Target::new(SCRAPE_JOB, &self.address, &labels)
    }
}

impl FromStr for ScrapeTarget {
    type Err = ScrapeError;

    fn from_str(text: &str) -> Result<Self, ScrapeError> {
        let (name, address) = text.split_once('=').ok_or(ScrapeError::NoName)?;
        if name.trim().is_empty() {
            return Err(ScrapeError::EmptyName);
        }
        if address.contains("://") {
            return Err(ScrapeError::Url("a scheme"));
        }
        if address.contains('/') {
            return Err(ScrapeError::Url("a path"));
        }
        let (host, port) = address.rsplit_once(':').ok_or(ScrapeError::NoPort)?;
        if !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(ScrapeError::BadPort(port.to_owned()));
        }
        let inside = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let is_host = match inside {
            Some(ip) => ip.parse::<Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(is_part_of_a_name),
        };
        if !is_host {
            return Err(ScrapeError::BadHost(host.to_owned()));
        }
        Ok(Self {
            name: name.trim().to_owned(),
            address: address.to_owned(),
        })
    }
}

fn is_part_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-._".contains(letter)
}

impl fmt::Display for ScrapeTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::{ScrapeError as Error, ScrapeTarget};

    #[test]
    fn a_target_has_a_name_a_host_and_a_port() {
        for text in ["shop=127.0.0.1:9101", "shop=localhost:1", "a b=[::1]:80"] {
            assert_eq!(text.parse::<ScrapeTarget>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_target_is_refused_by_what_is_wrong_with_it() {
        for (text, expected) in [
            ("127.0.0.1:9101", Error::NoName),
            ("=127.0.0.1:9101", Error::EmptyName),
            ("shop=http://127.0.0.1:9101", Error::Url("a scheme")),
            ("shop=127.0.0.1:9101/metrics", Error::Url("a path")),
            ("shop=localhost", Error::NoPort),
            ("shop=localhost:", Error::BadPort(String::new())),
            ("shop=localhost:0", Error::BadPort("0".to_owned())),
            ("shop=localhost:65536", Error::BadPort("65536".to_owned())),
            ("shop=:9101", Error::BadHost(String::new())),
            ("shop=::1:9101", Error::BadHost("::1".to_owned())),
            ("shop=a\nb:9101", Error::BadHost("a\nb".to_owned())),
        ] {
            assert_eq!(
                text.parse::<ScrapeTarget>().unwrap_err(),
                expected,
                "{text}"
            );
        }
    }
}
