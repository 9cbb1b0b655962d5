use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`: [RFC 9113, 3.4](https://www.rfc-editor.org/rfc/rfc9113#section-3.4).
const PREFACE_LENGTH: usize = 24;

pin_project! {
    /// Fails reads when the peer has not sent its HTTP/2 preface in time.
    ///
    /// Without it a peer that connects and stays silent holds its connection for ever: keepalive
    /// begins after the handshake.
    #[derive(Debug)]
    pub(super) struct HandshakeTimeout<I> {
        #[pin]
        inner: I,
        #[pin]
        timer: Option<Sleep>,
        missing: usize,
    }
}

impl<I> HandshakeTimeout<I> {
    pub(super) fn new(inner: I, timeout: Duration) -> Self {
        Self {
            inner,
            timer: Some(sleep(timeout)),
            missing: PREFACE_LENGTH,
        }
    }
}

impl<I: AsyncRead> AsyncRead for HandshakeTimeout<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut this = self.project();
        if let Some(timer) = this.timer.as_mut().as_pin_mut()
            && timer.poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        ready!(this.inner.poll_read(cx, buffer))?;
        if *this.missing > 0 {
            *this.missing = this.missing.saturating_sub(buffer.filled().len() - before);
            if *this.missing == 0 {
                this.timer.set(None);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite> AsyncWrite for HandshakeTimeout<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
