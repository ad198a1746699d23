//! Connections that can be made to break: they let bytes through until somebody says how they are to fail.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

/// Between two bytes; a response of a thousand bytes takes longer than any client waits.
const DRIP: Duration = Duration::from_millis(100);
/// How much of a body goes through before its connection ends.
const SOME_OF_THE_BODY: usize = 20;

/// How a connection fails from the next byte on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    Reset,
    InsideBody,
    Drip,
}

/// A handle on one connection, for the handlers of its requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Handle(Arc<Mutex<Orders>>);

#[derive(Debug, Default)]
struct Orders {
    how: Option<Break>,
    /// What is still to be written in the place of everything else, before the connection ends.
    instead: Option<Vec<u8>>,
}

impl Handle {
    pub(super) fn break_by(&self, how: Break) {
        self.orders().how = Some(how);
    }

    /// These bytes are the last that the connection carries, whatever the server writes.
    pub(super) fn say_instead(&self, bytes: Vec<u8>) {
        self.orders().instead = Some(bytes);
    }

    fn how(&self) -> Option<Break> {
        self.orders().how
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Lines>> for Handle {
    fn connect_info(incoming: IncomingStream<'_, Lines>) -> Self {
        incoming.io().handle.clone()
    }
}

/// Accepts connections that can be made to break.
pub(super) struct Lines(pub(super) TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Line, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Line { stream, handle: Handle::default(), head_is_out: false, left: SOME_OF_THE_BODY, pause: None }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

pub(super) struct Line {
    stream: TcpStream,
    handle: Handle,
    head_is_out: bool,
    /// Bytes of the body that may still go through.
    left: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Line {
    fn write_instead(&mut self, context: &mut Context<'_>, mut rest: Vec<u8>) -> Poll<io::Result<usize>> {
        while !rest.is_empty() {
            match Pin::new(&mut self.stream).poll_write(context, &rest) {
                Poll::Ready(written) => drop(rest.drain(..written?)),
                Poll::Pending => {
                    self.handle.say_instead(rest);
                    return Poll::Pending;
                }
            }
        }
        // Whoever reads gets what was written, and then the end.
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let instead = self.handle.orders().instead.take();
        if let Some(rest) = instead {
            return self.write_instead(context, rest);
        }
        let how = self.handle.how();
        if how == Some(Break::Reset) {
            self.stream.set_zero_linger()?;
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if how.is_some() && !self.head_is_out {
            let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
            let head = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes);
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, head))?;
            self.head_is_out = end == Some(written);
            return Poll::Ready(Ok(written));
        }
        let allowed = match how {
            None | Some(Break::Reset) => bytes.len(),
            Some(Break::InsideBody) if self.left == 0 => {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
            Some(Break::InsideBody) => self.left.min(bytes.len()),
            Some(Break::Drip) => {
                let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(DRIP)));
                ready!(pause.as_mut().poll(context));
                self.pause = None;
                1.min(bytes.len())
            }
        };
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes.get(..allowed).unwrap_or(bytes)))?;
        if how == Some(Break::InsideBody) {
            self.left = self.left.saturating_sub(written);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}
