use std::{net::SocketAddr, time::Duration};

use tokio::{net::lookup_host, time::timeout};

use super::Uri;

/// All addresses behind a name: a scaled service has one for each process.
///
/// # Errors
/// What to print when the name has no address, or none within `max_wait`.
pub(crate) async fn addresses(url: &Uri, max_wait: Duration) -> Result<Vec<SocketAddr>, String> {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let found = timeout(max_wait, lookup_host(authority)).await;
    let found = found.map_err(|_| format!("no answer of the name server in {max_wait:?}"))?;
    let mut found: Vec<_> = found.map_err(|error| error.to_string())?.collect();
    // `localhost` has an address in each family, and both are one process.
    if found.iter().any(SocketAddr::is_ipv4) {
        found.retain(SocketAddr::is_ipv4);
    }
    found.sort();
    found.dedup();
    Ok(found)
}
