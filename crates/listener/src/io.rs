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

/// What an HTTP/2 client begins with: [RFC 9113, 3.4](https://www.rfc-editor.org/rfc/rfc9113#section-3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pin_project! {
    /// A connection whose peer must begin in time, and must read what is written in time.
    ///
    /// Hyper bounds neither: its timers begin when it knows which HTTP is spoken, and it waits for
    /// ever for room in a socket.
    #[derive(Debug)]
    pub(crate) struct BoundedIo<I> {
        #[pin]
        inner: I,
        // Set until it is known which HTTP is spoken; `preface` counts the bytes read so far.
        #[pin]
        begin: Option<Sleep>,
        preface: usize,
        write_timeout: Duration,
        // While the socket has no room.
        #[pin]
        full: Option<Sleep>,
    }
}

impl<I> BoundedIo<I> {
    pub(crate) fn new(inner: I, handshake_timeout: Duration, write_timeout: Duration) -> Self {
        Self {
            inner,
            begin: Some(sleep(handshake_timeout)),
            preface: 0,
            write_timeout,
            full: None,
        }
    }

    /// Passes the result of a write; an error where the socket has had no room for too long.
    fn bound<T>(
        mut full: Pin<&mut Option<Sleep>>,
        timeout: Duration,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            full.set(None);
            return written;
        }
        if full.is_none() {
            full.set(Some(sleep(timeout)));
        }
        if let Some(timer) = full.as_pin_mut() {
            ready!(timer.poll(cx));
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<I: AsyncRead> AsyncRead for BoundedIo<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut this = self.project();
        let Some(timer) = this.begin.as_mut().as_pin_mut() else {
            return this.inner.poll_read(cx, buffer);
        };
        if timer.poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        ready!(this.inner.poll_read(cx, buffer))?;
        let missing = &PREFACE[*this.preface..];
        let read = &buffer.filled()[before..];
        let read = &read[..read.len().min(missing.len())];
        *this.preface += read.len();
        // Anything else than HTTP/2 is HTTP/1, where hyper's own timer has begun.
        if *this.preface == PREFACE.len() || !missing.starts_with(read) {
            this.begin.set(None);
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite> AsyncWrite for BoundedIo<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.inner.poll_write(cx, bytes);
        Self::bound(this.full, *this.write_timeout, cx, written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let flushed = this.inner.poll_flush(cx);
        Self::bound(this.full, *this.write_timeout, cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let closed = this.inner.poll_shutdown(cx);
        Self::bound(this.full, *this.write_timeout, cx, closed)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.inner.poll_write_vectored(cx, bytes);
        Self::bound(this.full, *this.write_timeout, cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
