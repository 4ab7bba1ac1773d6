//! The folder of a private cluster: `data` (PostgreSQL's own), `postgres.log`, and the folder of the socket.
//!
//! Goes in: a path. Comes out: the paths, made and owned as PostgreSQL wants them. It starts nothing.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::embedded::Account;
use crate::error::{StoreError, file_error};

/// `sun_path` has 108 bytes, the last one 0; `/.s.PGSQL.5432.lock` comes after the folder.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.5432.lock".len();

/// Paths of a cluster.
#[derive(Debug)]
pub(super) struct ClusterFolder {
    /// Everything below is ours.
    pub(super) top: PathBuf,
    /// PostgreSQL's data directory.
    pub(super) data: PathBuf,
    /// Where the socket is.
    pub(super) socket: PathBuf,
    /// The server's messages.
    pub(super) log: PathBuf,
}

impl ClusterFolder {
    /// Makes what is missing.
    pub(super) fn prepare(top: &Path, account: &Account) -> Result<Self, StoreError> {
        let above = top.parent().unwrap_or(top);
        fs::create_dir_all(above).map_err(|source| file_error(above, source))?;
        let above = above.canonicalize().map_err(|source| file_error(above, source))?;
        let top = top
            .file_name()
            .map_or_else(|| above.clone(), |name| above.join(name));
        account.check_reach(&top)?;
        make_private(&top, account)?;
        let socket = socket_folder(&top, account)?;
        Ok(Self {
            data: top.join("data"),
            log: top.join("postgres.log"),
            socket,
            top,
        })
    }

    /// The paths alone: nothing is made and nothing changes its owner.
    pub(super) fn look(top: &Path) -> Self {
        let canonical = top.canonicalize();
        let top = canonical.unwrap_or_else(|_| top.to_owned());
        Self {
            data: top.join("data"),
            log: top.join("postgres.log"),
            socket: socket_path(&top),
            top,
        }
    }

    pub(super) fn is_initialised(&self) -> bool {
        self.data.join("PG_VERSION").exists()
    }

    /// The major version that made the data, `None` before the first use.
    pub(super) fn major_version(&self) -> Result<Option<String>, StoreError> {
        if !self.is_initialised() {
            return Ok(None);
        }
        let path = self.data.join("PG_VERSION");
        let version = fs::read_to_string(&path).map_err(|source| file_error(&path, source))?;
        Ok(Some(version.trim().to_owned()))
    }

    /// The pid in `postmaster.pid`, if there is one.
    pub(super) fn recorded_pid(&self) -> Option<i32> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    pub(super) fn pid_file(&self) -> PathBuf {
        self.data.join("postmaster.pid")
    }

    /// The last lines of the log, for an error message.
    pub(super) fn end_of_log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let end = lines.get(lines.len().saturating_sub(5)..).unwrap_or_default();
        [&end.join("; "), " (see ", &self.log.to_string_lossy(), ")"].concat()
    }
}

/// A folder that only the account can enter.
pub(crate) fn make_private(folder: &Path, account: &Account) -> Result<(), StoreError> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => account.give(folder),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let meta = fs::symlink_metadata(folder).map_err(|source| file_error(folder, source))?;
            // Somebody else's folder at a name that can be guessed, or a link to elsewhere.
            if !meta.is_dir() || (meta.uid() != account.uid() && meta.uid() != 0) {
                return Err(StoreError::NotOurs {
                    folder: folder.to_owned(),
                });
            }
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
                .map_err(|source| file_error(folder, source))?;
            account.give(folder)
        }
        Err(source) => Err(file_error(folder, source)),
    }
}

/// The folder of the socket, made.
fn socket_folder(top: &Path, account: &Account) -> Result<PathBuf, StoreError> {
    let folder = socket_path(top);
    make_private(&folder, account)?;
    Ok(folder)
}

/// `socket` in the cluster's folder, or a short name elsewhere when that is too long for a socket.
fn socket_path(top: &Path) -> PathBuf {
    let beside = top.join("socket");
    if beside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return beside;
    }
    // The same folder gives the same name, so that a server left running is found again.
    let hash = blake3::hash(top.as_os_str().as_encoded_bytes()).to_hex();
    let short = ["mailfate-", hash.get(..16).unwrap_or_default()].concat();
    let temporary = std::env::temp_dir().join(&short);
    if temporary.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        temporary
    } else {
        Path::new("/tmp").join(&short)
    }
}
