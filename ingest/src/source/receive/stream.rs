//! Syslog over TCP (RFC 6587) and TLS (RFC 5425).
//!
//! Goes in: connections. Comes out: their messages as lines in the inbox, whole messages of one connection after the other. A connection is read
//! only while there is room, so a sender waits (and keeps its queue) when the database or the disk does not follow.
//!
//! Bounds: connections, bytes of a message, time to end a message once begun and to shake hands. A quiet connection is left alone: plain syslog
//! has no acknowledgement, and a sender that writes into a connection we have closed loses what it writes.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::{NOTICE, Receiver, Receiving};
use crate::source::framing::{Format, Framer};
use crate::source::spool::Inbox;

/// Connections at a time.
const MOST_CONNECTIONS: usize = 4096;
/// Bytes of one read: a connection that says nothing needs none.
const CHUNK: usize = 1 << 14;
/// A handshake that takes longer is none.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// Whoever has begun a message ends it within this time, or is disconnected.
const UNFINISHED: Duration = Duration::from_mins(1);
/// After this silence the kernel asks whether the sender is still there.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// Bounds that tests make smaller.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) struct Bounds {
    pub(in crate::source) connections: usize,
    pub(in crate::source) unfinished: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: MOST_CONNECTIONS,
            unfinished: UNFINISHED,
        }
    }
}

/// Listens on a TCP port, with TLS if there is a configuration for it.
pub(in crate::source) fn tcp(
    listen: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    format: Format,
    bounds: Bounds,
    inbox: &Arc<Inbox>,
) -> io::Result<Receiver> {
    let socket = Socket::new(Domain::for_address(listen), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait until the kernel has forgotten old connections.
    socket.set_reuse_address(true)?;
    socket.bind(&listen.into())?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    let listener: StdListener = socket.into();
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    Receiver::start(inbox, Some(address), move |receiving| {
        let server = Server {
            receiving: Arc::new(receiving),
            tls: tls.map(TlsAcceptor::from),
            format,
            bounds,
        };
        runtime.block_on(server.run(listener));
        runtime.shutdown_background();
    })
}

#[derive(Clone)]
struct Server {
    receiving: Arc<Receiving>,
    tls: Option<TlsAcceptor>,
    format: Format,
    bounds: Bounds,
}

impl Server {
    async fn run(self, listener: StdListener) {
        let inbox = &self.receiving.inbox;
        let listener = match TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => {
                inbox.set_receiver_problem(Some(format!("cannot accept connections: {error}")));
                return;
            }
        };
        let mut connections = JoinSet::new();
        while !self.receiving.is_stopping() {
            while connections.try_join_next().is_some() {}
            let Ok(accepted) = timeout(NOTICE, listener.accept()).await else {
                continue;
            };
            match accepted {
                Ok((connection, sender)) => {
                    if connections.len() >= self.bounds.connections {
                        inbox.bad_message(&format!(
                            "a connection was refused, because {} are open already",
                            self.bounds.connections
                        ));
                        drop(connection);
                        continue;
                    }
                    inbox.set_receiver_problem(None);
                    let server = self.clone();
                    connections.spawn(async move { server.connection(connection, sender).await });
                }
                Err(error) => {
                    inbox.set_receiver_problem(Some(format!(
                        "cannot accept connections: {error}; trying again"
                    )));
                    tokio::time::sleep(NOTICE).await;
                }
            }
        }
    }

    async fn connection(self, connection: TcpStream, sender: SocketAddr) {
        let keepalive = TcpKeepalive::new()
            .with_time(KEEPALIVE)
            .with_interval(Duration::from_secs(10));
        if let Err(error) = SockRef::from(&connection).set_tcp_keepalive(&keepalive) {
            tracing::debug!(%error, "no keepalive");
        }
        let Some(tls) = &self.tls else {
            return self.read(connection, sender).await;
        };
        match timeout(HANDSHAKE, tls.accept(connection)).await {
            Ok(Ok(connection)) => self.read(connection, sender).await,
            Ok(Err(error)) => self.refused(sender, &error.to_string()),
            Err(_) => self.refused(sender, "it took too long"),
        }
    }

    fn refused(&self, sender: SocketAddr, why: &str) {
        tracing::warn!(%sender, why, "a sender of logs could not shake hands");
        self.receiving
            .inbox
            .bad_message(&format!("the TLS handshake with {} failed: {why}", sender.ip()));
    }

    async fn read(&self, mut connection: impl AsyncRead + Unpin, sender: SocketAddr) {
        let inbox = &self.receiving.inbox;
        let mut framer = Framer::new(self.format);
        let mut bytes = Vec::new();
        let mut lines = Vec::new();
        // When the message that has begun must be whole: time between bytes would let a slow sender stay for ever.
        let mut deadline = None;
        loop {
            bytes.reserve(CHUNK);
            let read = connection.read_buf(&mut bytes);
            let read = match deadline {
                None => read.await,
                Some(deadline) => {
                    let Ok(read) = tokio::time::timeout_at(deadline, read).await else {
                        inbox.bad_message(&format!(
                            "{} did not end a message within {} s and was disconnected",
                            sender.ip(),
                            self.bounds.unfinished.as_secs()
                        ));
                        break;
                    };
                    read
                }
            };
            match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%sender, %error, "a connection broke off");
                    break;
                }
            }
            let fed = framer.feed(&bytes, &mut lines);
            let has_lines = !lines.is_empty();
            inbox.push(&mut lines).await;
            if let Err(error) = fed {
                tracing::warn!(%sender, %error, "disconnected");
                inbox.bad_message(&format!("{} was disconnected: {error}", sender.ip()));
                return;
            }
            bytes.clear();
            if !framer.is_inside() {
                deadline = None;
                // Two thousand quiet connections keep no buffers.
                bytes = Vec::new();
            } else if deadline.is_none() || has_lines {
                deadline = Some(tokio::time::Instant::now() + self.bounds.unfinished);
            }
        }
        framer.end(&mut lines);
        inbox.push(&mut lines).await;
    }
}
