//! What the worker follows: two files that are rotated, and a pipe whose spool has a small disk of its own.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::lines::Line;

/// Names of the sources; the third one is the pipe.
pub(crate) const NAMES: [&str; 3] = ["mail", "mx1", "mx2"];
/// The pipe's place among them.
pub(crate) const PIPE: usize = 2;

pub(crate) struct Sources {
    folder: PathBuf,
    /// All are plain files that nobody rotates.
    is_whole: bool,
    has_disk: bool,
}

impl Sources {
    /// In a new folder.
    pub(crate) fn new(folder: &Path) -> Self {
        fs::create_dir(folder).expect("a folder");
        let sources = Self {
            folder: folder.to_owned(),
            is_whole: false,
            has_disk: nix::unistd::geteuid().is_root(),
        };
        fs::create_dir(sources.spool()).expect("a folder");
        if sources.has_disk {
            let status = Command::new("mount")
                .args(["-t", "tmpfs", "-o", "size=4m", "mailfate-test"])
                .arg(sources.spool())
                .status()
                .expect("mount(8)");
            assert!(status.success(), "a small disk can be mounted");
        }
        for name in NAMES.iter().take(PIPE) {
            File::create(sources.path(name)).expect("a log file");
        }
        nix::unistd::mkfifo(&sources.path(NAMES[PIPE]), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        sources
    }

    /// The same lines as files that are there from the beginning.
    pub(crate) fn whole(folder: &Path, lines: &[Line]) -> Self {
        fs::create_dir(folder).expect("a folder");
        let sources = Self {
            folder: folder.to_owned(),
            is_whole: true,
            has_disk: false,
        };
        for (number, name) in NAMES.iter().enumerate() {
            let text: String = lines
                .iter()
                .filter(|line| line.source == number)
                .map(|line| line.text.as_str())
                .collect();
            fs::write(sources.path(name), text).expect("room");
        }
        sources
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join([name, ".log"].concat())
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.join("spool")
    }

    pub(crate) fn as_configuration(&self) -> String {
        let mut text = String::new();
        for (number, name) in NAMES.iter().enumerate() {
            let kind = if number == PIPE && !self.is_whole {
                "pipe"
            } else {
                "path"
            };
            let path = self.path(name).display().to_string();
            text.push_str(&["[[sources]]\nname = '", name, "'\n", kind, " = '", &path, "'\n\n"].concat());
        }
        text
    }

    /// Fills the spool's disk to the last byte; false when it has none of its own, which only root can give it.
    pub(crate) fn fill_disk(&self) -> bool {
        if self.has_disk {
            let mut ballast = OpenOptions::new()
                .create(true)
                .append(true)
                .open(self.spool().join("ballast"))
                .expect("a file");
            for size in [1 << 16, 1 << 12, 1] {
                while ballast.write_all(&vec![0; size]).is_ok() {}
            }
        }
        self.has_disk
    }

    pub(crate) fn free_disk(&self) {
        if self.has_disk {
            fs::remove_file(self.spool().join("ballast")).expect("the ballast");
        }
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        if self.has_disk {
            let _stays_with_the_folder = Command::new("umount").arg("--lazy").arg(self.spool()).status();
        }
    }
}
