//! As whom PostgreSQL runs: as we do, or, because it refuses root, as an unprivileged account.
//!
//! Goes in: the name of an account. Comes out: its numbers, and commands and folders made its own.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{User, geteuid};

use crate::error::{StoreError, file_error};

/// The account that PostgreSQL runs as.
#[derive(Clone, Debug)]
pub(crate) enum Account {
    /// We are no root: PostgreSQL runs as we do.
    Ours,
    /// We are root: it runs as this one.
    Other {
        /// For messages.
        name: String,
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
    },
}

impl Account {
    /// `name` counts only for root.
    pub(crate) fn for_postgres(name: &str) -> Result<Self, StoreError> {
        if !geteuid().is_root() {
            return Ok(Self::Ours);
        }
        let missing = || StoreError::NoPostgresUser {
            user: name.to_owned(),
        };
        let user = User::from_name(name).ok().flatten().ok_or_else(missing)?;
        if user.uid.is_root() {
            return Err(missing());
        }
        Ok(Self::Other {
            name: user.name,
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        })
    }

    /// A command that runs as this account.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Makes a file or folder the account's own.
    pub(crate) fn give(&self, path: &Path) -> Result<(), StoreError> {
        match self {
            Self::Ours => Ok(()),
            Self::Other { uid, gid, .. } => {
                chown(path, Some(*uid), Some(*gid)).map_err(|source| file_error(path, source))
            }
        }
    }

    /// The user id that its files have.
    pub(crate) fn uid(&self) -> u32 {
        match self {
            Self::Ours => geteuid().as_raw(),
            Self::Other { uid, .. } => *uid,
        }
    }

    /// Refuses a place that the account cannot reach, like a folder in /root: initdb would only say "Permission denied".
    pub(crate) fn check_reach(&self, folder: &Path) -> Result<(), StoreError> {
        let Self::Other { name, uid, gid } = self else {
            return Ok(());
        };
        for above in folder.ancestors().skip(1).filter(|above| above.exists()) {
            let meta = above.metadata().map_err(|source| file_error(above, source))?;
            let may_enter = if meta.uid() == *uid {
                0o100
            } else if meta.gid() == *gid {
                0o010
            } else {
                0o001
            };
            if meta.mode() & may_enter == 0 {
                return Err(StoreError::OutOfReach {
                    user: name.clone(),
                    folder: above.to_owned(),
                });
            }
        }
        Ok(())
    }
}
