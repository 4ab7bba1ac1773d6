//! Syslog in datagrams: UDP (RFC 5426) and Unix sockets like `/dev/log`.
//!
//! Goes in: datagrams, each a message. Comes out: each as a line in the inbox. Nobody can make a sender of datagrams wait (over a Unix socket the
//! kernel does): what finds no room is dropped and counted, and what the kernel drops is asked from it.

use std::fs;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{NOTICE, Receiver, Receiving};
use crate::source::clock;
use crate::source::framing::push_message;
use crate::source::spool::Inbox;

/// What the kernel may keep for us, as far as net.core.rmem_max allows.
const RECEIVE_BUFFER: usize = 8 << 20;
/// The largest datagram of IPv4, and more than a Unix socket usually takes.
const LARGEST: usize = 1 << 16;
/// How often the kernel is asked what it dropped.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Listens on a UDP port.
pub(in crate::source) fn udp(listen: SocketAddr, inbox: &Arc<Inbox>) -> io::Result<Receiver> {
    let socket = Socket::new(Domain::for_address(listen), Type::DGRAM, Some(Protocol::UDP))?;
    enlarge(&SockRef::from(&socket));
    socket.bind(&listen.into())?;
    let socket: UdpSocket = socket.into();
    socket.set_read_timeout(Some(NOTICE))?;
    let address = socket.local_addr()?;
    let mut drops = KernelDrops::of(&socket, address.is_ipv6());
    Receiver::start(inbox, Some(address), move |receiving| {
        receive(&receiving, |buffer| socket.recv(buffer), || drops.since_last());
    })
}

/// Makes a Unix socket that every local program may write to, as `/dev/log` is; a stale one is replaced, a used one is not.
pub(in crate::source) fn unix(path: &Path, inbox: &Arc<Inbox>) -> io::Result<Receiver> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "something else than a socket has this name; remove it, or choose another",
            ));
        }
        Ok(_) => {
            if UnixDatagram::unbound()?.connect(path).is_ok() {
                return Err(io::Error::new(
                    io::ErrorKind::AddrInUse,
                    "another program listens on this socket",
                ));
            }
            fs::remove_file(path)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let socket = UnixDatagram::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o666))?;
    socket.set_read_timeout(Some(NOTICE))?;
    enlarge(&SockRef::from(&socket));
    let bound = Bound::new(path)?;
    Receiver::start(inbox, None, move |receiving| {
        let _bound = bound;
        receive(&receiving, |buffer| socket.recv(buffer), || 0);
    })
}

fn enlarge(socket: &SockRef<'_>) {
    if let Err(error) = socket.set_recv_buffer_size(RECEIVE_BUFFER) {
        tracing::warn!(%error, "the kernel gives no larger receive buffer; bursts may be lost");
    }
}

fn receive(
    receiving: &Receiving,
    mut next: impl FnMut(&mut [u8]) -> io::Result<usize>,
    mut dropped: impl FnMut() -> u64,
) {
    let mut buffer = vec![0; LARGEST];
    let mut line = Vec::with_capacity(LARGEST + 1);
    let mut asked_at = clock::now();
    while !receiving.is_stopping() {
        match next(&mut buffer) {
            Ok(count) => {
                line.clear();
                push_message(&buffer[..count], &mut line);
                if !line.is_empty() {
                    receiving.inbox.offer(&line, 1);
                }
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => {
                receiving
                    .inbox
                    .set_receiver_problem(Some(format!("cannot receive datagrams: {error}; trying again")));
                std::thread::sleep(NOTICE);
                continue;
            }
        }
        let now: Instant = clock::now();
        if now.duration_since(asked_at) >= ASK_EVERY {
            asked_at = now;
            receiving.inbox.set_receiver_problem(None);
            let dropped = dropped();
            if dropped > 0 {
                receiving.inbox.dropped_by_kernel(dropped);
            }
        }
    }
}

/// Removes the socket's name at the end, if it is still ours.
struct Bound {
    path: PathBuf,
    identity: (u64, u64),
}

impl Bound {
    fn new(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self {
            path: path.to_owned(),
            identity: (metadata.dev(), metadata.ino()),
        })
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let is_ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == self.identity);
        if is_ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket's name stays");
        }
    }
}

/// What the kernel dropped of a UDP socket, from the last column of `/proc/net/udp`.
struct KernelDrops {
    table: &'static str,
    inode: Option<u64>,
    told: u64,
}

impl KernelDrops {
    fn of(socket: &UdpSocket, is_ipv6: bool) -> Self {
        // The link reads `socket:[12345]`.
        let link = fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok();
        let inode = link
            .as_deref()
            .and_then(Path::to_str)
            .and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
        Self {
            table: if is_ipv6 {
                "/proc/net/udp6"
            } else {
                "/proc/net/udp"
            },
            inode,
            told: 0,
        }
    }

    fn since_last(&mut self) -> u64 {
        let Some(inode) = self.inode else { return 0 };
        let Ok(table) = fs::read_to_string(self.table) else {
            return 0;
        };
        let all = drops_in(&table, inode).unwrap_or(self.told);
        let new = all.saturating_sub(self.told);
        self.told = all;
        new
    }
}

/// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ref pointer drops`
fn drops_in(table: &str, inode: u64) -> Option<u64> {
    table.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.nth(9)?.parse() == Ok(inode))
            .then(|| words.last()?.parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_table_has_the_drops_of_a_socket() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  \
             99: 0100007F:15B6 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 17\n";
        assert_eq!(drops_in(table, 4711), Some(17));
        assert_eq!(drops_in(table, 4712), None);
    }

    #[test]
    fn the_kernel_counts_what_nobody_reads() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        SockRef::from(&socket)
            .set_recv_buffer_size(4096)
            .expect("a small buffer");
        let mut drops = KernelDrops::of(&socket, false);
        assert_eq!(drops.since_last(), 0);
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a port");
        for _ in 0..100 {
            sender
                .send_to(&[b'x'; 1000], socket.local_addr().expect("an address"))
                .expect("loopback takes it");
        }
        assert!(drops.since_last() > 50);
        assert_eq!(drops.since_last(), 0);
    }
}
