//! The server process of a private cluster: started by us, or left by a program that was killed.
//!
//! Goes in: programs and folders. Comes out: a process that can be watched and stopped. It stands in a process group of its own, so that
//! Ctrl-C reaches only us and we end things in order: web, worker, database.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::embedded::folder::ClusterFolder;
use crate::embedded::programs::Programs;
use crate::embedded::{Account, PORT};
use crate::error::{StoreError, file_error};

/// A longer log is begun anew at the next start.
const LONGEST_LOG: u64 = 10 << 20;

/// How long a drop waits for the server's end, in steps.
const DROP_STEPS: u32 = 500;
const DROP_STEP: Duration = Duration::from_millis(20);

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    pid: Pid,
    /// `None`: taken over from a killed program, so no child of ours.
    child: Option<Child>,
    data: PathBuf,
    gone: bool,
}

impl Server {
    /// Takes over a living server of this folder or starts one.
    pub(super) fn start_or_adopt(
        programs: &Programs,
        folder: &ClusterFolder,
        account: &Account,
    ) -> Result<Self, StoreError> {
        if let Some(pid) = folder.recorded_pid() {
            let pid = Pid::from_raw(pid);
            if is_postgres(pid, &folder.data) {
                tracing::info!(%pid, "taking over a PostgreSQL server that an earlier run left");
                return Ok(Self {
                    pid,
                    child: None,
                    data: folder.data.clone(),
                    gone: false,
                });
            }
            // PostgreSQL would refuse to start if the number now belongs to any other living process of its account.
            let stale = folder.pid_file();
            fs::remove_file(&stale).map_err(|source| file_error(&stale, source))?;
        }
        Self::start(programs, folder, account)
    }

    fn start(programs: &Programs, folder: &ClusterFolder, account: &Account) -> Result<Self, StoreError> {
        let is_long = fs::metadata(&folder.log).is_ok_and(|meta| meta.len() > LONGEST_LOG);
        let log = fs::OpenOptions::new()
            .create(true)
            .append(!is_long)
            .write(true)
            .truncate(is_long)
            .open(&folder.log)
            .map_err(|source| file_error(&folder.log, source))?;
        let log_too = log
            .try_clone()
            .map_err(|source| file_error(&folder.log, source))?;

        let program = programs.folder.join("postgres");
        let mut command = account.command(&program);
        command.arg("-D").arg(&folder.data);
        for (name, value) in settings(folder) {
            command.arg("-c").arg([name, "=", &value].concat());
        }
        let child = command
            .current_dir(&folder.data)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(log_too)
            .spawn()
            .map_err(|source| file_error(&program, source))?;
        Ok(Self {
            pid: Pid::from_raw(i32::try_from(child.id()).expect("invariant: Linux pids fit")),
            child: Some(child),
            data: folder.data.clone(),
            gone: false,
        })
    }

    /// Asks for a fast shutdown: SIGINT, see "Shutting Down the Server" in PostgreSQL's manual.
    pub(super) fn ask_to_stop(&mut self) {
        if !self.is_gone() {
            // It may end by itself at this moment.
            let _ = kill(self.pid, Signal::SIGINT);
        }
    }

    #[cfg(feature = "testing")]
    pub(super) fn abandon(mut self) {
        // A drop then has nothing to stop.
        self.gone = true;
    }

    /// Whether the process has ended.
    pub(super) fn is_gone(&mut self) -> bool {
        if !self.gone {
            self.gone = match &mut self.child {
                Some(child) => !matches!(child.try_wait(), Ok(None)),
                None => !is_postgres(self.pid, &self.data),
            };
        }
        self.gone
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The way of errors and panics; `Cluster::stop` has been here before otherwise.
        self.ask_to_stop();
        for _ in 0..DROP_STEPS {
            if self.is_gone() {
                return;
            }
            thread::sleep(DROP_STEP);
        }
    }
}

/// Whether the process is a PostgreSQL server of this folder, and not another one that has got its number since.
fn is_postgres(pid: Pid, data: &Path) -> bool {
    let cwd = ["/proc/", &pid.to_string(), "/cwd"].concat();
    match fs::read_link(&cwd) {
        // The server's working directory is its data directory.
        Ok(cwd) => cwd == data,
        // No /proc on this system: believe the file when somebody lives.
        Err(_) => !fs::exists("/proc/self").unwrap_or(false) && kill(pid, None).is_ok(),
    }
}

/// What differs from PostgreSQL's defaults. Durability does not: fsync and synchronous_commit stay on.
fn settings(folder: &ClusterFolder) -> Vec<(&'static str, String)> {
    let memory = memory_mb().unwrap_or(1024);
    let mb = |amount: u64| [&amount.to_string(), "MB"].concat();
    vec![
        ("listen_addresses", String::new()),
        ("port", PORT.to_string()),
        (
            "unix_socket_directories",
            folder.socket.to_string_lossy().into_owned(),
        ),
        ("unix_socket_permissions", "0700".to_owned()),
        ("max_connections", "60".to_owned()),
        // Modest: the machine has other work.
        ("shared_buffers", mb((memory / 8).clamp(64, 1024))),
        ("effective_cache_size", mb((memory / 2).max(128))),
        ("work_mem", "16MB".to_owned()),
        ("maintenance_work_mem", mb((memory / 32).clamp(64, 512))),
        // A question over a year of days locks each day and its indexes.
        ("max_locks_per_transaction", "2048".to_owned()),
        // Loading: fewer checkpoints, compressed page images, no log for replicas that do not exist.
        ("wal_level", "minimal".to_owned()),
        ("max_wal_senders", "0".to_owned()),
        ("max_wal_size", "2GB".to_owned()),
        ("checkpoint_timeout", "15min".to_owned()),
        ("wal_compression", "on".to_owned()),
        ("wal_buffers", "16MB".to_owned()),
        ("random_page_cost", "1.1".to_owned()),
        ("jit", "off".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        ("lc_messages", "C".to_owned()),
        ("log_checkpoints", "off".to_owned()),
        // Statements hold addresses.
        ("log_min_error_statement", "panic".to_owned()),
    ]
}

fn memory_mb() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kb: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024)
}
