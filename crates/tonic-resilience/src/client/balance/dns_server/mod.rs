//! Asks one DNS server, for addresses or for SRV records ([RFC 2782][srv]).
//!
//! Consul leaves records out of a long answer over UDP and, by default, [does not say so][consul]:
//! therefore TCP is tried first. A server that does not answer over TCP is asked over UDP.
//!
//! Of SRV records those with the lowest priority are used, and no others: the balancer would call
//! them all alike. A target whose addresses are not in the answer is looked up at the same server.
//!
//! [srv]: https://www.rfc-editor.org/rfc/rfc2782
//! [consul]: https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/dns

mod error;
mod resolvers;

#[cfg(test)]
mod tests;

use std::{io, net::SocketAddr};

use hickory_resolver::{
    lookup::Lookup,
    proto::rr::{Name, RData, rdata::SRV},
};
use tokio::net::lookup_host;

use self::{error::AskError, resolvers::Resolvers};
use crate::client::target::{Authority, DnsQuestion};

/// The servers that the DNS server knows, sorted by address; never empty.
///
/// The system's resolver looks up the DNS server itself, and nothing is cached from one call to the next.
///
/// # Errors
///
/// When the DNS server cannot be reached, or knows no server of this name.
pub(in crate::client) async fn ask(question: DnsQuestion) -> io::Result<Vec<Authority>> {
    let servers: Vec<SocketAddr> = lookup_host(question.server().address()).await?.collect();
    let found = members(&question, &servers).await;
    let mut members = found.map_err(io::Error::other)?;
    members.sort_by_key(Authority::address);
    members.dedup_by_key(|member| member.address());
    Ok(members)
}

async fn members(
    question: &DnsQuestion,
    servers: &[SocketAddr],
) -> Result<Vec<Authority>, AskError> {
    let resolvers = Resolvers::new(servers)?;
    let mut name = Name::from_ascii(question.name())?;
    // No search domain is added.
    name.set_fqdn(true);
    let Some(port) = question.port() else {
        return of_srv(&resolvers, name).await;
    };
    let answer = resolvers.addresses(name).await?;
    let addresses = answer.iter().map(|address| (address, port));
    Ok(addresses
        .map(SocketAddr::from)
        .map(Authority::from)
        .collect())
}

async fn of_srv(resolvers: &Resolvers, name: Name) -> Result<Vec<Authority>, AskError> {
    let answer = resolvers.srv(name).await?;
    let mut members = Vec::new();
    for record in of_lowest_priority(&answer) {
        members.extend(of_record(resolvers, &answer, record).await?);
    }
    if members.is_empty() {
        return Err(AskError::NoServer);
    }
    Ok(members)
}

/// A record without a target says that there is no such service; without a port it cannot be called.
fn of_lowest_priority(answer: &Lookup) -> impl Iterator<Item = &SRV> {
    let records = answer
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(record) if !record.target.is_root() && record.port > 0 => Some(record),
            _ => None,
        });
    let lowest = records.clone().map(|record| record.priority).min();
    records.filter(move |record| Some(record.priority) == lowest)
}

/// The servers of a record: one for each address of its target, none if this has no address.
async fn of_record(
    resolvers: &Resolvers,
    answer: &Lookup,
    record: &SRV,
) -> Result<Vec<Authority>, AskError> {
    let given = answer.additionals().iter();
    let given = given.filter(|additional| additional.name == record.target);
    let mut addresses: Vec<_> = given.filter_map(|it| it.data.ip_addr()).collect();
    if addresses.is_empty() {
        addresses = match resolvers.addresses(record.target.clone()).await {
            Ok(addresses) => addresses.iter().collect(),
            Err(AskError::NoRecord(reason)) => {
                tracing::warn!(target = %record.target, %reason, "server without an address");
                Vec::new()
            }
            Err(error) => return Err(error),
        };
    }
    let sockets = addresses.into_iter().map(|address| (address, record.port));
    let members = sockets.map(SocketAddr::from).map(Authority::from);
    Ok(members
        .map(|member| member.weighing(record.weight))
        .collect())
}
