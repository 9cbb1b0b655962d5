/// Whom a client calls, as it is configured: not the address that a name happens to resolve to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The value of the metric label `target`, as `user`.
    pub name: String,
    /// The span attribute `server.address`: a name, an IP address or a socket path.
    pub address: String,
    /// The span attribute `server.port`; `None` if the target has none.
    pub port: Option<u16>,
}
