use std::{net::IpAddr, sync::Arc};

use http::Request;
use tonic::transport::server::TcpConnectInfo;

use super::Principal;

/// Whose calls are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// By name alone: another token of the same subject, with fewer scopes, is no new caller.
    Known(Arc<str>),
    Address(IpAddr),
    /// Calls without a connection, from this very process.
    Local,
}

impl Caller {
    /// The principal that the identity layers found, or else the address of the connection.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let extensions = request.extensions();
        if let Some(principal) = extensions.get::<Principal>() {
            return Self::Known(principal.shared_name());
        }
        extensions
            .get::<TcpConnectInfo>()
            .and_then(TcpConnectInfo::remote_addr)
            .map_or(Self::Local, |address| Self::at(address.ip()))
    }

    /// Whoever calls from there: a network of 64 bits where it is IPv6, as one caller has all of it.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
            address @ IpAddr::V4(_) => address,
        })
    }
}
