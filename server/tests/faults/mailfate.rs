//! The program itself, as an operator runs it: `mailfate ingest` with a configuration file, started again by a service manager.

use std::fs::{self, OpenOptions};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::database::Postgres;
use crate::sources::Sources;
use crate::stopwatch;

/// How long an end in order may take, many times over what is promised: the machine may be busy.
const AN_END: Duration = Duration::from_secs(30);

pub(crate) struct Mailfate {
    folder: PathBuf,
    child: Child,
}

impl Mailfate {
    /// Starts it with these sources; its log goes to `worker.log` in the folder.
    pub(crate) fn start(folder: &Path, sources: &Sources, postgres: &Postgres) -> Self {
        let address = postgres.ingest();
        let options = address.connect_options();
        let config = format!(
            "[database]\ningest_url = 'postgres://mailfate_ingest@localhost/mailfate?host={}'\n\n[spool]\nfolder = '{}'\n\n{}",
            options.get_socket().expect("a socket").display(),
            sources.spool().display(),
            sources.as_configuration(),
        );
        fs::write(folder.join("mailfate.toml"), config).expect("a configuration file");
        Self {
            child: spawn(folder),
            folder: folder.to_owned(),
        }
    }

    /// SIGKILL, and a new start.
    pub(crate) fn kill_and_start(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is gone");
        self.child = spawn(&self.folder);
    }

    /// SIGTERM; how long the end took.
    pub(crate) fn stop(&mut self) -> Duration {
        let begin = stopwatch();
        let pid = i32::try_from(self.child.id()).expect("a pid");
        kill(Pid::from_raw(pid), Signal::SIGTERM).expect("it can be told");
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                // Told while it still came up, it may have found the database gone, or not have learned to listen yet.
                let is_early = status.signal() == Some(Signal::SIGTERM as i32) || status.code() == Some(3);
                assert!(status.success() || is_early, "{status}\n{}", self.log());
                return begin.elapsed();
            }
            assert!(begin.elapsed() < AN_END, "it does not end:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// SIGTERM, and a new start.
    pub(crate) fn stop_and_start(&mut self) -> Duration {
        let took = self.stop();
        self.child = spawn(&self.folder);
        took
    }

    /// A start that meets a database that is away ends with an error, and the service manager starts it again.
    pub(crate) fn ensure_running(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child") {
            assert_eq!(status.code(), Some(3), "{status}\n{}", self.log());
            self.child = spawn(&self.folder);
        }
    }

    /// The end of its log.
    pub(crate) fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.join("worker.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Mailfate {
    fn drop(&mut self) {
        // After a failed test it is still there.
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

fn spawn(folder: &Path) -> Child {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("worker.log"))
        .expect("a log file");
    Command::new(env!("CARGO_BIN_EXE_mailfate"))
        .args(["--config", "mailfate.toml", "ingest"])
        .env("RUST_LOG", "info,ingest=debug")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the program that was just built starts")
}
