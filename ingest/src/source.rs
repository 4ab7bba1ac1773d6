//! Where log lines come from: files, the network, pipes, the journal.
//!
//! Goes in: a [`SourceConfig`] and the position of an earlier run. Comes out: [`Stream`]s of whole lines, each in its own order, and the position
//! behind the lines consumed so far, as JSON. What is received instead of read goes to a spool on the disk first and is read from there, so a
//! crash at any moment loses nothing that was written to it, and every position can be gone back to until it is [`Source::saved`].
//!
//! A source never fails while it runs: what keeps it from reading is [`Source::problem`] and tried again; what is missing is a [`Gap`].

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::tz::TimeZone;

mod beginning;
pub(crate) mod clock;
mod files;
mod framing;
mod gap;
mod journal;
mod receive;
mod spool;
mod stream;
mod tail;

pub use framing::Format;
pub use gap::{Gap, GapKind};
pub use journal::JournalConfig;
pub use receive::tls::TlsFiles;
pub use spool::SpoolConfig;
pub use stream::Stream;

use files::Files;
use journal::Journal;
use receive::{Receiver, datagram, pipe, stream as connections};
use spool::Spool;

/// One source of log lines.
#[derive(Clone, Debug)]
pub struct SourceConfig {
    /// The name that people see; unique. A new name is a new source.
    pub name: String,
    /// The zone of classic headers, which name none.
    pub zone: TimeZone,
    /// Where the lines come from.
    pub from: From,
    /// What the bytes are; only TCP, TLS, pipes and standard input can be something else than [`Format::Syslog`].
    pub format: Format,
}

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// Log files, by name or glob.
    Files(Vec<PathBuf>),
    /// Datagrams to this address.
    Udp(SocketAddr),
    /// Connections to this address.
    Tcp(SocketAddr),
    /// Encrypted connections.
    Tls {
        /// Address and port.
        listen: SocketAddr,
        /// Certificates and key.
        files: TlsFiles,
    },
    /// A Unix socket that takes datagrams, as `/dev/log` does.
    UnixDatagram(PathBuf),
    /// A named pipe.
    Pipe(PathBuf),
    /// Standard input.
    Stdin,
    /// systemd's journal.
    Journal(JournalConfig),
}

impl From {
    /// Whether what comes is kept in a spool.
    pub fn is_spooled(&self) -> bool {
        match self {
            Self::Files(_) | Self::Journal(_) => false,
            Self::Udp(_)
            | Self::Tcp(_)
            | Self::Tls { .. }
            | Self::UnixDatagram(_)
            | Self::Pipe(_)
            | Self::Stdin => true,
        }
    }
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(paths) => {
                let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
                f.write_str(&names.join(", "))
            }
            Self::Udp(listen) => write!(f, "udp {listen}"),
            Self::Tcp(listen) => write!(f, "tcp {listen}"),
            Self::Tls { listen, .. } => write!(f, "tls {listen}"),
            Self::UnixDatagram(path) => write!(f, "unix {}", path.display()),
            Self::Pipe(path) => write!(f, "pipe {}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::Journal(JournalConfig {
                directory: Some(directory),
                ..
            }) => write!(f, "journal {}", directory.display()),
            Self::Journal(_) => f.write_str("journal"),
        }
    }
}

/// Why a source cannot be opened. What goes wrong later is a [`Source::problem`].
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The name belongs to something else.
    #[error(
        "{path} is no log file but a folder, pipe or socket: name the file itself, or use the kind of source that fits"
    )]
    NotAFile {
        /// Which name.
        path: PathBuf,
    },
    /// The journal's folder is none.
    #[error("{path} is no folder: journal.directory must be one, like /var/log/journal/remote")]
    NotAFolder {
        /// Which name.
        path: PathBuf,
    },
    /// A glob that means nothing.
    #[error("{pattern} is no pattern for log files: {why}")]
    Pattern {
        /// As it was configured.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// The saved position belongs to another kind of source.
    #[error(
        "the saved position of this source cannot be read ({why}); if its kind was changed, give it a new name"
    )]
    Position {
        /// What the parser said.
        why: String,
    },
    /// Nothing can be received there.
    #[error("cannot receive on {place}: {source}")]
    Listen {
        /// Address or path.
        place: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A certificate or key cannot be used.
    #[error("{key}: cannot use {path}: {why}")]
    Tls {
        /// Which key of the configuration.
        key: &'static str,
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The spool cannot be used.
    #[error("cannot use the spool {path}: {source}; check spool.folder and who owns it")]
    Spool {
        /// Folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Two programs with one spool would mix their lines up.
    #[error(
        "the spool {path} is used by another running Mailfate: stop that one, or set another spool.folder or source name"
    )]
    SpoolInUse {
        /// Which folder.
        path: PathBuf,
    },
}

/// A source that is being read.
#[derive(Debug)]
pub struct Source {
    name: String,
    streams: Vec<Stream>,
    kind: Kind,
    problem: Option<String>,
}

#[derive(Debug)]
enum Kind {
    Files(Files),
    // Fields are dropped in their order: first nothing more is received, then the spool is written to its end.
    Received { receiver: Receiver, spool: Spool },
    Journal(Journal),
}

impl Source {
    /// Opens a source where an earlier run stopped: `position` is what [`Source::position`] gave then. Receivers begin to receive.
    ///
    /// A file that does not exist yet is waited for.
    ///
    /// # Errors
    /// When the configuration names something that no waiting makes right, an address cannot be used, or the spool is in use.
    pub fn open(
        config: &SourceConfig,
        position: Option<&str>,
        spool: &SpoolConfig,
    ) -> Result<Self, SourceError> {
        let mut streams = Vec::new();
        let kind = match &config.from {
            From::Files(paths) => Kind::Files(Files::open(paths, position, &mut streams)?),
            From::Journal(journal) => {
                let (journal, stream) = Journal::open(journal.clone(), position)?;
                streams.push(stream);
                Kind::Journal(journal)
            }
            from => {
                // What is wrong with certificates shows before anything is made.
                let tls = match from {
                    From::Tls { files, .. } => Some(files.load()?),
                    _ => None,
                };
                let (spool, stream) = Spool::open(spool, &config.name, position)?;
                streams.push(stream);
                let receiver =
                    receive(from, tls, config.format, &spool).map_err(|source| SourceError::Listen {
                        place: from.to_string(),
                        source,
                    })?;
                Kind::Received { receiver, spool }
            }
        };
        Ok(Self {
            name: config.name.clone(),
            streams,
            kind,
            problem: None,
        })
    }

    /// The name that people see.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Looks for new files, rotation and data; `true` if any stream has a line now. Cheap when nothing has happened. Streams may come, go and
    /// change their places here, and nowhere else.
    pub fn refill(&mut self) -> bool {
        for stream in &mut self.streams {
            stream.is_unasked = stream.line().is_some();
        }
        match &mut self.kind {
            Kind::Files(files) => files.refill(&mut self.streams),
            Kind::Received { spool, .. } => {
                let has_line = self
                    .streams
                    .first_mut()
                    .is_some_and(|stream| spool.refill(stream));
                self.problem = match (spool.problem(), spool.inbox().problem()) {
                    (Some(problem), _) => Some(problem.to_owned()),
                    (None, problem) => problem,
                };
                has_line
            }
            Kind::Journal(journal) => self
                .streams
                .first_mut()
                .is_some_and(|stream| journal.refill(stream)),
        }
    }

    /// A file of an earlier run was not found yet: what comes from here now is older than what others have.
    pub fn is_resuming(&self) -> bool {
        match &self.kind {
            Kind::Files(files) => files.is_resuming(),
            Kind::Received { .. } | Kind::Journal(_) => false,
        }
    }

    /// What is being read now, each in its own order.
    pub fn streams(&mut self) -> &mut [Stream] {
        &mut self.streams
    }

    /// The place behind the lines consumed so far, of all streams, as JSON.
    pub fn position(&self) -> String {
        match (&self.kind, self.streams.first()) {
            (Kind::Files(files), _) => files.position(&self.streams),
            (Kind::Received { spool, .. }, Some(stream)) => spool.position(stream),
            (Kind::Journal(journal), Some(stream)) => journal.position(stream),
            (Kind::Received { .. } | Kind::Journal(_), None) => String::new(),
        }
    }

    /// Nothing before this position is needed again: segments of the spool before it are deleted.
    pub fn saved(&mut self, position: &str) {
        match &mut self.kind {
            Kind::Received { spool, .. } => spool.saved(position),
            Kind::Files(_) | Kind::Journal(_) => {}
        }
    }

    /// What keeps the source from reading, in words; `None` when all is well. Looked at by [`Source::refill`].
    pub fn problem(&self) -> Option<&str> {
        match &self.kind {
            Kind::Files(files) => files.problem(),
            Kind::Received { .. } => self.problem.as_deref(),
            Kind::Journal(journal) => journal.problem(),
        }
    }

    /// What is missing, since the last question.
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        match &mut self.kind {
            Kind::Files(files) => files.take_gaps(),
            Kind::Received { spool, .. } => spool.take_gaps(),
            Kind::Journal(journal) => journal.take_gaps(),
        }
    }

    /// Bytes in the spool behind the saved position.
    pub fn spooled_bytes(&self) -> u64 {
        match &self.kind {
            Kind::Received { spool, .. } => spool.bytes(),
            Kind::Files(_) | Kind::Journal(_) => 0,
        }
    }

    /// Standard input has ended and all of it is consumed. Other sources never end.
    pub fn is_over(&self) -> bool {
        match (&self.kind, self.streams.first()) {
            (Kind::Received { spool, .. }, Some(stream)) => {
                spool.inbox().is_over() && spool.is_consumed(stream)
            }
            _ => false,
        }
    }

    /// Where a source that receives from the network listens: the port that the system chose for port 0.
    pub fn listening_on(&self) -> Option<SocketAddr> {
        match &self.kind {
            Kind::Received { receiver, .. } => receiver.address,
            Kind::Files(_) | Kind::Journal(_) => None,
        }
    }
}

fn receive(
    from: &From,
    tls: Option<std::sync::Arc<rustls::ServerConfig>>,
    format: Format,
    spool: &Spool,
) -> io::Result<Receiver> {
    let inbox = spool.inbox();
    let bounds = connections::Bounds::default();
    match from {
        From::Udp(listen) => datagram::udp(*listen, inbox),
        From::UnixDatagram(path) => datagram::unix(path, inbox),
        From::Tcp(listen) => connections::tcp(*listen, None, format, bounds, inbox),
        From::Tls { listen, .. } => connections::tcp(*listen, tls, format, bounds, inbox),
        From::Pipe(path) => pipe::named(path, format, inbox),
        From::Stdin => pipe::standard_input(format, inbox),
        From::Files(_) | From::Journal(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}
