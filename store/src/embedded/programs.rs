//! PostgreSQL's server programs on this machine.
//!
//! Goes in: the version that a data folder wants, if it has one. Comes out: where `initdb` and `postgres` are, the newest that fit. Debian
//! keeps them out of the path, one folder for each major version.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::embedded::folder::ClusterFolder;
use crate::embedded::{Account, SUPERUSER};
use crate::error::{StoreError, file_error};

/// The oldest major version that knows everything the migrations use.
const OLDEST_MAJOR: u32 = 15;

/// Nobody but who can enter the socket's folder gets this far, so there is nothing to ask for.
const PG_HBA: &str = "# Written by Mailfate. The only way in is the Unix socket, whose folder only our account can enter.\n\
    local all all trust\n";

/// A folder with PostgreSQL's programs.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) folder: PathBuf,
    major: u32,
}

impl Programs {
    /// The newest programs, or those of the major version that made `data`.
    pub(crate) fn find(wanted: Option<&str>, data: &Path) -> Result<Self, StoreError> {
        let mut found: Vec<Self> = candidates().into_iter().filter_map(Self::look).collect();
        // Of several with the same version the first candidate: what `pg_config` names.
        found.reverse();
        found.sort_by_key(|programs| programs.major);
        let newest = found.pop().ok_or(StoreError::NoPostgres)?;
        let Some(wanted) = wanted else {
            return Ok(newest);
        };
        let installed = newest.major.to_string();
        std::iter::once(newest)
            .chain(found)
            .find(|programs| programs.major.to_string() == wanted)
            .ok_or_else(|| StoreError::WrongPostgresVersion {
                folder: data.to_owned(),
                found: wanted.to_owned(),
                installed,
            })
    }

    fn look(folder: PathBuf) -> Option<Self> {
        if !folder.join("initdb").exists() {
            return None;
        }
        let output = Command::new(folder.join("postgres"))
            .arg("--version")
            .output()
            .ok()?;
        // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let number = text.split(") ").nth(1)?;
        let major = number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        (major >= OLDEST_MAJOR).then_some(Self { folder, major })
    }

    /// Makes the data folder. It appears under its name only when it is whole: a half-made one is thrown away at the next try.
    pub(super) fn init(&self, folder: &ClusterFolder, account: &Account) -> Result<(), StoreError> {
        let half = folder.top.join("data.new");
        if half.exists() {
            fs::remove_dir_all(&half).map_err(|source| file_error(&half, source))?;
        }
        self.initdb(&half, account, false)?;
        fs::rename(&half, &folder.data).map_err(|source| file_error(&folder.data, source))
    }

    /// Runs `initdb`; `in_memory`: for tests, which need not survive a power cut.
    pub(crate) fn initdb(&self, data: &Path, account: &Account, in_memory: bool) -> Result<(), StoreError> {
        // C.UTF-8 sorts by bytes and knows letters of all languages; not every system has it.
        let done = self
            .run_initdb(data, account, in_memory, "C.UTF-8")
            .or_else(|_| self.run_initdb(data, account, in_memory, "C"));
        done?;
        let path = data.join("pg_hba.conf");
        fs::write(&path, PG_HBA).map_err(|source| file_error(&path, source))?;
        account.give(&path)
    }

    fn run_initdb(
        &self,
        data: &Path,
        account: &Account,
        in_memory: bool,
        locale: &str,
    ) -> Result<(), StoreError> {
        let program = self.folder.join("initdb");
        let mut command = account.command(&program);
        command
            .arg("--pgdata")
            .arg(data)
            .args([
                "--username",
                SUPERUSER,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale",
                locale,
            ])
            .args(in_memory.then_some("--no-sync"))
            // The account may not be allowed where we are.
            .current_dir("/")
            .stdin(Stdio::null());
        let output = command.output().map_err(|source| file_error(&program, source))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(StoreError::Program {
                program: "initdb",
                output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            })
        }
    }
}

/// Folders that may hold the programs.
fn candidates() -> Vec<PathBuf> {
    let by_pg_config = Command::new("pg_config")
        .arg("--bindir")
        .stderr(Stdio::null())
        .output()
        .ok()
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    // Debian and Ubuntu; Red Hat's community packages.
    let by_version = ["/usr/lib/postgresql", "/usr"]
        .into_iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let usual = [
        "/usr/bin",
        "/usr/local/bin",
        "/usr/local/pgsql/bin",
        "/opt/homebrew/bin",
    ]
    .map(PathBuf::from);
    by_pg_config
        .into_iter()
        .chain(by_version)
        .chain(usual)
        .filter(|folder| folder.join("postgres").exists())
        .collect()
}
