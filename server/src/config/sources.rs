//! `[[sources]]` and `[spool]`: where log lines come from, and where what is received waits.
//!
//! Goes in: what stands in the file. Comes out: the sources as `ingest` knows them, or one sentence that names the key.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ingest::source::{Format, From, JournalConfig, SpoolConfig, TlsFiles};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::ConfigError;

/// The keys of which a source has exactly one.
const KINDS: &str = "path, udp, tcp, tls, unix, pipe, stdin, journal";

/// One source of log lines.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceConfig {
    /// The name that operators see; unique. A new name is a new source.
    pub(crate) name: String,
    /// Time zone of headers that name none, as in `Europe/Berlin`.
    #[serde(default = "default_zone")]
    pub(crate) zone: String,
    /// Log files, by name or glob; they may be rotated.
    #[serde(default)]
    pub(crate) path: Option<Paths>,
    /// Syslog in UDP datagrams to this address and port.
    #[serde(default)]
    pub(crate) udp: Option<SocketAddr>,
    /// Syslog over TCP connections to this address and port.
    #[serde(default)]
    pub(crate) tcp: Option<SocketAddr>,
    /// Syslog over TLS.
    #[serde(default)]
    pub(crate) tls: Option<TlsConfig>,
    /// A Unix socket for datagrams, which is made, as `/dev/log`.
    #[serde(default)]
    pub(crate) unix: Option<PathBuf>,
    /// A named pipe, which is made when it is missing.
    #[serde(default)]
    pub(crate) pipe: Option<PathBuf>,
    /// Standard input.
    #[serde(default)]
    pub(crate) stdin: bool,
    /// systemd's journal: `true`, or which of it.
    #[serde(default)]
    pub(crate) journal: Option<JournalKeys>,
    /// `syslog`, or `journal-export` for TCP, TLS, a pipe and standard input.
    #[serde(default)]
    pub(crate) format: FormatKey,
}

/// One name, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Paths {
    One(PathBuf),
    Several(Vec<PathBuf>),
}

/// How TLS is spoken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsConfig {
    /// Address and port.
    pub(crate) listen: SocketAddr,
    /// Our certificate with the intermediate ones, PEM.
    pub(crate) certificate: PathBuf,
    /// Its key, PEM.
    pub(crate) key: PathBuf,
    /// Who signs the certificates of senders, PEM; without it anybody may send.
    #[serde(default)]
    pub(crate) client_ca: Option<PathBuf>,
}

/// `true`, or what of the journal.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum JournalKeys {
    All(bool),
    Some(JournalSelection),
}

/// What of the journal.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JournalSelection {
    /// Journal files in this folder instead of the system's.
    pub(crate) directory: Option<PathBuf>,
    /// Only these units.
    pub(crate) units: Vec<String>,
    /// Only these identifiers.
    pub(crate) identifiers: Vec<String>,
}

/// What the bytes are.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FormatKey {
    #[default]
    Syslog,
    JournalExport,
}

/// Where what is received waits for the database.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SpoolKeys {
    /// A folder of its own for each source in it; `data_dir/spool` when not set.
    pub(crate) folder: Option<PathBuf>,
    /// Bytes that may wait, for each source.
    pub(crate) most_bytes: u64,
}

impl Default for SpoolKeys {
    fn default() -> Self {
        Self {
            folder: None,
            most_bytes: SpoolConfig::MOST_BYTES,
        }
    }
}

impl SpoolKeys {
    /// The spool, in `data_dir` unless the configuration says where.
    pub(crate) fn spool(&self, data_dir: &Path) -> SpoolConfig {
        SpoolConfig {
            folder: self.folder.clone().unwrap_or_else(|| data_dir.join("spool")),
            most_bytes: self.most_bytes,
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.most_bytes < 1 << 20 {
            return Err(ConfigError(format!(
                "spool.most_bytes is {}; it must be at least 1048576 (1 MiB)",
                self.most_bytes
            )));
        }
        Ok(())
    }
}

impl SourceConfig {
    /// A log file.
    pub(crate) fn file(name: &str, path: PathBuf) -> Self {
        Self {
            name: name.to_owned(),
            zone: default_zone(),
            path: Some(Paths::One(path)),
            ..Self::default()
        }
    }

    /// The source as `ingest` opens it; `place` is its key, as in `sources[0]`.
    pub(crate) fn source(&self, place: &str) -> Result<ingest::source::SourceConfig, ConfigError> {
        let zone = TimeZone::get(&self.zone).map_err(|_| {
            ConfigError(format!(
                "{place}.zone is {:?}; it must be a time zone like Europe/Berlin",
                self.zone
            ))
        })?;
        let format = match self.format {
            FormatKey::Syslog => Format::Syslog,
            FormatKey::JournalExport => Format::JournalExport,
        };
        let from = self.from(place)?;
        let can_be_export = matches!(
            from,
            From::Tcp(_) | From::Tls { .. } | From::Pipe(_) | From::Stdin
        );
        if format == Format::JournalExport && !can_be_export {
            return Err(ConfigError(format!(
                "{place}.format is \"journal-export\"; only tcp, tls, pipe and stdin can have it"
            )));
        }
        Ok(ingest::source::SourceConfig {
            name: self.name.clone(),
            zone,
            from,
            format,
        })
    }

    fn from(&self, place: &str) -> Result<From, ConfigError> {
        let kinds = [
            self.path.as_ref().map(|paths| {
                From::Files(match paths {
                    Paths::One(path) => vec![path.clone()],
                    Paths::Several(paths) => paths.clone(),
                })
            }),
            self.udp.map(From::Udp),
            self.tcp.map(From::Tcp),
            self.tls.as_ref().map(|tls| From::Tls {
                listen: tls.listen,
                files: TlsFiles {
                    certificate: tls.certificate.clone(),
                    key: tls.key.clone(),
                    client_ca: tls.client_ca.clone(),
                },
            }),
            self.unix.clone().map(From::UnixDatagram),
            self.pipe.clone().map(From::Pipe),
            self.stdin.then_some(From::Stdin),
            self.journal.as_ref().and_then(journal),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let Some(kind) = kinds.next() else {
            return Err(ConfigError(format!(
                "{place} does not say where its lines come from; set one of {KINDS}"
            )));
        };
        if kinds.next().is_some() {
            return Err(ConfigError(format!(
                "{place} has several of {KINDS}; a source has one: make it two sources"
            )));
        }
        if kind == From::Files(Vec::new()) {
            return Err(ConfigError(format!("{place}.path is an empty list; name a file")));
        }
        Ok(kind)
    }
}

fn journal(keys: &JournalKeys) -> Option<From> {
    let system = JournalConfig::system();
    match keys {
        JournalKeys::All(false) => None,
        JournalKeys::All(true) => Some(From::Journal(system)),
        JournalKeys::Some(selection) => Some(From::Journal(JournalConfig {
            directory: selection.directory.clone(),
            units: selection.units.clone(),
            identifiers: selection.identifiers.clone(),
            ..system
        })),
    }
}

fn default_zone() -> String {
    "UTC".to_owned()
}
