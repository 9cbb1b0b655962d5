//! One process of the chain.

mod handler;
mod observed;
mod transport;

use std::{io, net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};
use proto::user::v1::{
    user_service_client::UserServiceClient, user_service_server::UserServiceServer,
};
use tokio::{net::TcpListener, task::spawn_blocking};
use tonic::transport::{Endpoint, Server, server::TcpIncoming};
use tracing::subscriber::NoSubscriber;

use self::handler::Handler;
#[cfg(feature = "growth")]
pub(crate) use self::observed::limits;
use crate::variant::Variant;

/// What a process of the chain is told.
#[derive(Args, Debug)]
pub(crate) struct Hop {
    #[arg(value_enum)]
    role: Role,
    #[arg(long)]
    variant: Variant,
    /// Where spans go.
    #[arg(long)]
    collector: String,
    /// Who the next hop is; the last one answers itself.
    #[arg(long, value_enum, requires = "next")]
    next_role: Option<Role>,
    /// Where the next hop listens.
    #[arg(long, requires = "next_role")]
    next: Option<SocketAddr>,
    /// Sends spans by their number alone, and never because time has passed: for counts that are the
    /// same on a slow machine.
    #[arg(long)]
    timeless: bool,
    /// The folder of the certificates; without it the hops speak plain TCP.
    #[arg(long)]
    certificates: Option<PathBuf>,
}

/// Where a process stands in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Gateway,
    User,
    Profile,
}

impl Role {
    /// Its name in certificates, spans and metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::User => "user",
            Self::Profile => "profile",
        }
    }

    /// Who may call it; the gateway is called by anyone.
    fn callers(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Gateway => None,
            Self::User | Self::Profile => Some(&["gateway", "user"]),
        }
    }

    /// The hops of a chain, in the order of a call: a longer one has more of `user` in its middle, and a
    /// chain of one is a gateway that answers itself.
    pub(crate) fn chain(hops: usize) -> Vec<Self> {
        let mut roles = vec![Self::User; hops];
        if let Some(last) = roles.last_mut() {
            *last = Self::Profile;
        }
        if let Some(first) = roles.first_mut() {
            *first = Self::Gateway;
        }
        roles
    }
}

/// Most calls at a time that a hop admits.
const MAX_CALLS: usize = 1024;

/// Most calls a second: all come from one address, and none of them is to be refused.
const RATE: u32 = 1_000_000;

/// Serves until standard input ends; the first line on standard output is the address.
#[allow(
    clippy::print_stdout,
    reason = "the one that started it reads the address there"
)]
pub(crate) async fn run(hop: Hop) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let end_of_input = spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    let stop = async { drop(end_of_input.await) };
    if !hop.variant.is_observed() {
        // Without any, the spans of the HTTP/2 library go to the `log` crate: a tenth of a call.
        tracing::subscriber::set_global_default(NoSubscriber::new())?;
    }
    match hop.variant {
        Variant::Plain => plain(&hop, listener, stop).await,
        Variant::Transport => transport::serve(&hop, listener, stop).await,
        go if go.is_go() => anyhow::bail!("{go} is another program"),
        _ => observed::serve(hop, listener, stop).await,
    }
}

/// tonic's own server and channel.
async fn plain(
    hop: &Hop,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let next = hop
        .next
        .map(|next| Endpoint::from_shared(format!("http://{next}")));
    let next = next
        .transpose()?
        .map(|next| next.tcp_nodelay(true).connect_lazy());
    let handler = Handler::new(next.map(UserServiceClient::new));
    Server::builder()
        .add_service(UserServiceServer::new(handler))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), stop)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Role::{self, Gateway, Profile, User};

    #[test]
    fn a_longer_chain_has_more_of_its_middle() {
        assert_eq!(Role::chain(1), [Gateway]);
        assert_eq!(Role::chain(3), [Gateway, User, Profile]);
        assert_eq!(Role::chain(5), [Gateway, User, User, User, Profile]);
    }
}
