use std::{
    io,
    sync::{Arc, atomic::AtomicU32},
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_util::io::InspectReader;
use tonic::transport::Channel;
use tower::{ServiceExt, service_fn};
use tower_service::Service;

use super::{
    peer::{Peer, Socket},
    settings::note_streams,
};
use crate::client::{self, target::Authority};
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// How a connection to one server is made.
#[derive(Clone, Debug, Default)]
pub(super) struct Connect {
    /// TLS, and the service whose certificate the servers must show; `None` is plain TCP.
    #[cfg(feature = "tls")]
    pub(super) tls: Option<(Tls, String)>,
}

/// A channel, and the address of the server that it is connected to.
#[derive(Clone, Debug)]
pub(super) struct Connected {
    pub(super) channel: Channel,
    pub(super) peer: Peer,
}

impl Connect {
    /// A channel that connects at its first call, and again when the connection was lost.
    ///
    /// Each connection notes in `allowed` how many streams the server allows on it.
    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_self, reason = "it is plain TCP")
    )]
    pub(super) fn to(&self, authority: &Authority, allowed: &Arc<AtomicU32>) -> Connected {
        let endpoint = client::endpoint(authority);
        let peer = Peer::default();
        #[cfg(feature = "tls")]
        if let Some((tls, service)) = &self.tls {
            let connector = noting(tls.connector(service), allowed, &peer);
            let channel = endpoint.connect_with_connector_lazy(connector);
            return Connected { channel, peer };
        }
        let connector = noting(service_fn(plain), allowed, &peer);
        let channel = endpoint.connect_with_connector_lazy(connector);
        Connected { channel, peer }
    }
}

async fn plain(uri: Uri) -> io::Result<TokioIo<TcpStream>> {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    Ok(TokioIo::new(stream))
}

type Note = Box<dyn FnMut(&[u8]) + Send>;
type Noting<I> = TokioIo<InspectReader<I, Note>>;

fn noting<C, I>(
    connector: C,
    allowed: &Arc<AtomicU32>,
    peer: &Peer,
) -> impl Service<Uri, Response = Noting<I>, Error = io::Error, Future: Send> + Send + 'static
where
    C: Service<Uri, Response = TokioIo<I>, Error = io::Error, Future: Send> + Send + 'static,
    I: AsyncRead + AsyncWrite + Socket + Send + 'static,
{
    let (allowed, peer) = (Arc::clone(allowed), peer.clone());
    connector.map_response(move |io| {
        peer.note(io.inner());
        let note: Note = Box::new(note_streams(Arc::clone(&allowed)));
        TokioIo::new(InspectReader::new(io.into_inner(), note))
    })
}
