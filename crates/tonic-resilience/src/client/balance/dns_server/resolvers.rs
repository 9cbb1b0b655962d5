use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{
        ConnectionConfig, LookupIpStrategy, NameServerConfig, ProtocolConfig, ResolveHosts,
        ResolverConfig,
    },
    lookup::Lookup,
    lookup_ip::LookupIp,
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::Name,
};

use super::error::AskError;

/// Longest wait for an answer over TCP, and after it for one over UDP.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The ways to ask one DNS server.
pub(super) struct Resolvers {
    tcp: TokioResolver,
    /// Over UDP, and over TCP after a truncated answer.
    udp: TokioResolver,
}

impl Resolvers {
    /// For the DNS server with these addresses; nothing connects yet.
    pub(super) fn new(addresses: &[SocketAddr]) -> Result<Self, AskError> {
        use ProtocolConfig::{Tcp, Udp};
        Ok(Self {
            tcp: resolver(addresses, &[Tcp])?,
            udp: resolver(addresses, &[Udp, Tcp])?,
        })
    }

    /// The A and AAAA records of `name`.
    pub(super) async fn addresses(&self, name: Name) -> Result<LookupIp, AskError> {
        match self.tcp.lookup_ip(name.clone()).await {
            Err(error) if is_unanswered(&error) => Ok(self.udp.lookup_ip(name).await?),
            answer => Ok(answer?),
        }
    }

    /// The SRV records of `name`, with what else is in the answer.
    pub(super) async fn srv(&self, name: Name) -> Result<Lookup, AskError> {
        match self.tcp.srv_lookup(name.clone()).await {
            Err(error) if is_unanswered(&error) => Ok(self.udp.srv_lookup(name).await?),
            answer => Ok(answer?),
        }
    }
}

fn is_unanswered(error: &NetError) -> bool {
    !matches!(error, NetError::Dns(_))
}

fn resolver(
    addresses: &[SocketAddr],
    protocols: &[ProtocolConfig],
) -> Result<TokioResolver, NetError> {
    let servers = addresses.iter().map(|address| {
        let connections = protocols.iter().map(|protocol| {
            let mut connection = ConnectionConfig::new(protocol.clone());
            connection.port = address.port();
            connection
        });
        NameServerConfig::new(address.ip(), true, connections.collect())
    });
    let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    options.timeout = TIMEOUT;
    // The next lookup is the next attempt.
    options.attempts = 0;
    builder.build()
}
