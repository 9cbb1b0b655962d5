use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
};

use anyhow::{Context as _, bail};

use super::options::Addresses;

/// The open listeners of the embedded backends.
#[derive(Debug)]
pub(crate) struct Ports {
    pub(super) otlp: TcpListener,
    pub(super) otlp_http: TcpListener,
    pub(super) ui: TcpListener,
    pub(super) prometheus: TcpListener,
    pub(super) dashboards: TcpListener,
}

impl Ports {
    /// Opens every address before anything starts, so that a taken port is one clear line.
    ///
    /// # Errors
    /// For the first address that cannot be had, with its flag.
    pub(crate) fn claim(listen: &Addresses) -> anyhow::Result<Self> {
        Ok(Self {
            otlp: open("--otlp-listen", listen.otlp)?,
            otlp_http: open("--otlp-http-listen", listen.otlp_http)?,
            ui: open("--ui-listen", listen.ui)?,
            prometheus: open("--prometheus-listen", listen.prometheus)?,
            dashboards: open("--dashboards-listen", listen.dashboards)?,
        })
    }
}

/// Opens an address, which the flag has given.
///
/// # Errors
/// When it cannot be had: another process has it, or this machine does not.
pub(crate) fn open(flag: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
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
