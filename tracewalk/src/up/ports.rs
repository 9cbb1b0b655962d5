use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
};

use anyhow::{Context as _, bail};

use super::config::Listen;

/// The listeners of the launcher itself, open; those of the children are known to be free.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) otlp: TcpListener,
    pub(super) ui: TcpListener,
    pub(super) prometheus: TcpListener,
    pub(super) dashboards: TcpListener,
}

/// Tries every address before anything starts, so that a taken port is one clear line.
///
/// # Errors
/// For the first address that cannot be had, with its flag.
pub(super) fn claim(listen: &Listen) -> anyhow::Result<Ports> {
    // All ports are held until the last is tried, so that two flags with one address fail here.
    let _children = [
        open("--gateway-listen", listen.gateway)?,
        open("--http-listen", listen.http)?,
        open("--user-listen", listen.user)?,
        open("--profile-listen", listen.profile)?,
        open("--gateway-admin-listen", listen.gateway_admin)?,
        open("--user-admin-listen", listen.user_admin)?,
        open("--profile-admin-listen", listen.profile_admin)?,
    ];
    Ok(Ports {
        otlp: open("--otlp-listen", listen.otlp)?,
        ui: open("--ui-listen", listen.ui)?,
        prometheus: open("--prometheus-listen", listen.prometheus)?,
        dashboards: open("--dashboards-listen", listen.dashboards)?,
    })
}

fn open(flag: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address) {
        Ok(listener) => {
            listener
                .set_nonblocking(true)
                .context("cannot make a socket non-blocking")?;
            Ok(listener)
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {} is in use ({address}): stop what listens there, perhaps another tracewalk, \
             or choose another with {flag}",
            address.port()
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address} ({flag})")),
    }
}
