use std::{net::SocketAddr, time::Duration};

use prom_text::Page;

use super::{chain::Link, finding::Finding, prometheus::Target, site::Site, stack::Stack};
use crate::client::{self, AdminOf};

/// One process of a service.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) service: &'static str,
    pub(super) admin: Site,
}

/// The metrics of one process.
#[derive(Debug)]
pub(super) struct Scrape {
    pub(super) service: &'static str,
    /// Tells the processes of a service apart.
    pub(super) address: String,
    pub(super) page: Page,
}

/// The processes of all services at this moment: at the addresses of the flags, or else at the
/// targets of Prometheus, or else at the default addresses.
///
/// # Errors
/// A finding for the service whose name cannot be resolved.
pub(super) async fn instances(stack: &Stack) -> Result<Vec<Instance>, Finding> {
    let max_wait = stack.check.target.timeout;
    let scraped = stack.targets().await;
    let mut instances = Vec::new();
    for admin in stack.check.admin.services() {
        let mut addresses = Vec::new();
        if !admin.is_given {
            addresses = addresses_of(admin.service, &scraped, max_wait).await;
        }
        if addresses.is_empty() {
            addresses = usual_addresses(&admin, max_wait).await?;
        }
        let AdminOf { service, flag, .. } = admin;
        for address in addresses {
            let url = client::parse_url(&address.to_string()).expect("an address is one");
            let admin = Site::new(service, flag, &url, max_wait);
            instances.push(Instance { service, admin });
        }
    }
    Ok(instances)
}

/// Where Prometheus reads the processes of a service. Empty if one of their names has no address
/// here: it is the name of a container, in a network that this program is not in.
async fn addresses_of(service: &str, targets: &[Target], max_wait: Duration) -> Vec<SocketAddr> {
    let mut addresses = Vec::new();
    for target in targets
        .iter()
        .filter(|it| it.label("service_name") == service)
    {
        let Ok(url) = client::parse_url(&target.scrape_url) else {
            return Vec::new();
        };
        let Ok(found) = client::addresses(&url, max_wait).await else {
            return Vec::new();
        };
        addresses.extend(found);
    }
    addresses
}

async fn usual_addresses(admin: &AdminOf, max_wait: Duration) -> Result<Vec<SocketAddr>, Finding> {
    let mut addresses = Vec::new();
    for url in &admin.urls {
        let unknown = |why: String| {
            let expected = format!("{url} is the address of a process");
            let advice = format!("is it started? {} says where it is", admin.flag);
            Finding::new(admin.service, expected, why, advice)
        };
        addresses.extend(client::addresses(url, max_wait).await.map_err(unknown)?);
    }
    Ok(addresses)
}

impl Instance {
    /// Reads the metrics of the process; with exemplars, if the format has them.
    pub(super) async fn scrape(&self, format: &str) -> Result<Scrape, Finding> {
        let answer = self.admin.get_as(format, "/metrics", &[]).await;
        let answer = answer.map_err(|error| self.admin.unreachable(&error))?;
        if !answer.status.is_success() {
            return Err(self.admin.unexpected("/metrics", &answer));
        }
        Ok(Scrape {
            service: self.service,
            address: self.admin.to_string(),
            page: Page::parse(&answer.body),
        })
    }
}

/// Reads the metrics of all processes.
///
/// # Errors
/// A finding for the first process whose metrics cannot be read.
pub(super) async fn scrape(stack: &Stack, format: &str) -> Result<Vec<Scrape>, Finding> {
    let mut scrapes = Vec::new();
    for instance in instances(stack).await? {
        scrapes.push(instance.scrape(format).await?);
    }
    Ok(scrapes)
}

/// How many of our calls the processes of this service have answered well.
pub(super) fn answered(link: &Link, scrapes: &[Scrape]) -> f64 {
    let of_service = scrapes.iter().filter(|it| it.service == link.service);
    let answered = of_service.map(|scrape| {
        scrape
            .page
            .sum("grpc_rpc_duration_seconds_count", |sample| {
                sample.label("service") == Some(link.rpc)
                    && sample.label("method") == Some(link.method)
                    && sample.label("code") == Some("OK")
            })
    });
    answered.fold(0.0, |sum, of_process| sum + of_process)
}
