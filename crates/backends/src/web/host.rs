//! The address by which a browser reaches another port of this stack.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri, header::HOST, uri::Authority};

/// The host that a page was opened with, without its port; `None` where the request does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Host(Option<String>);

impl Host {
    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let of_header = || {
            let host = headers.get(HOST)?.to_str().ok()?;
            host.parse::<Authority>().ok()
        };
        let authority = uri.authority().cloned().or_else(of_header);
        let host = authority.map(|authority| authority.host().to_owned());
        // The host becomes a part of links and of commands for a shell, so it must be harmless.
        let is_plain = |host: &String| {
            !host.is_empty()
                && host
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter))
        };
        Self(host.filter(is_plain))
    }

    /// `host:port`, to be opened from where the page was opened.
    ///
    /// A browser cannot open `0.0.0.0`, so a listener on all addresses gets the host of the page.
    /// So does a listener on a loopback address if the page was opened by a name: it may be the
    /// name of a tunnel.
    pub(crate) fn address(&self, listener: SocketAddr) -> String {
        let ip = listener.ip();
        let opened = self.0.as_deref().filter(|host| {
            let is_name = host.contains(|letter: char| letter.is_ascii_alphabetic())
                && !host.starts_with('[');
            ip.is_unspecified() || (ip.is_loopback() && is_name)
        });
        match opened {
            Some(host) => format!("{host}:{}", listener.port()),
            None => reachable(listener).to_string(),
        }
    }
}

/// The address by which this machine itself reaches a listener: all addresses include the loopback
/// one.
#[must_use]
pub fn reachable(listener: SocketAddr) -> SocketAddr {
    let mut address = listener;
    if listener.ip().is_unspecified() {
        address.set_ip(match listener {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri, header::HOST};
    use rstest::rstest;

    use super::Host;

    #[rstest]
    #[case("0.0.0.0:1", "demo.example:3000", "demo.example:1")]
    #[case("0.0.0.0:1", "10.0.0.7:3000", "10.0.0.7:1")]
    #[case("[::]:1", "[fd00::7]:3000", "[fd00::7]:1")]
    #[case("[::]:1", "localhost", "localhost:1")]
    #[case("127.0.0.1:1", "localhost:3000", "localhost:1")]
    #[case("127.0.0.1:1", "tunnel.example", "tunnel.example:1")]
    #[case("127.0.0.1:1", "127.0.0.1:3000", "127.0.0.1:1")]
    #[case("127.0.0.1:1", "10.0.0.7:3000", "127.0.0.1:1")]
    #[case("[::1]:1", "127.0.0.1:3000", "[::1]:1")]
    #[case("10.0.0.7:1", "localhost:3000", "10.0.0.7:1")]
    #[case("0.0.0.0:1", "", "127.0.0.1:1")]
    #[case("[::]:1", "", "[::1]:1")]
    #[case("0.0.0.0:1", "a\"b", "127.0.0.1:1")]
    #[case("0.0.0.0:1", "$(touch x):1", "127.0.0.1:1")]
    fn a_link_can_be_followed_from_where_the_page_is(
        #[case] listener: &str,
        #[case] host: &str,
        #[case] expected: &str,
    ) {
        let mut headers = HeaderMap::new();
        if !host.is_empty() {
            headers.insert(HOST, host.parse().unwrap());
        }
        let host = Host::of(&Uri::from_static("/dashboards"), &headers);
        assert_eq!(host.address(listener.parse().unwrap()), expected);
    }

    #[test]
    fn over_http_2_the_host_is_in_the_address() {
        let uri = Uri::from_static("http://demo.example:3000/dashboards");
        let host = Host::of(&uri, &HeaderMap::new());
        assert_eq!(host.address(([0, 0, 0, 0], 1).into()), "demo.example:1");
    }
}
