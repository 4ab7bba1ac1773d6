//! The spool on real disks: small, full, torn, and used by two.

use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use pretty_assertions::assert_eq;
use tempfile::TempDir;

use super::*;
use crate::source::clock;

fn config(folder: &Path, most_bytes: u64) -> SpoolConfig {
    SpoolConfig {
        folder: folder.to_owned(),
        most_bytes,
    }
}

/// Waits until the condition holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = clock::now() + Duration::from_secs(30);
    while !holds() {
        assert!(clock::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}

fn consume(spool: &mut Spool, stream: &mut Stream, count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    until("enough lines", || {
        spool.refill(stream);
        while lines.len() < count
            && let Some(line) = stream.line()
        {
            lines.push(String::from_utf8_lossy(line).into_owned());
            stream.advance();
        }
        lines.len() == count
    });
    lines
}

fn numbered(range: std::ops::Range<usize>) -> Vec<String> {
    range
        .map(|n| format!("line {n:06} {}", "x".repeat(100)))
        .collect()
}

fn push(spool: &Spool, lines: &[String]) {
    for line in lines {
        let mut bytes = format!("{line}\n").into_bytes();
        assert!(spool.inbox().push_blocking(&mut bytes, &AtomicBool::new(false)));
    }
}

#[test]
fn lines_come_back_in_order_over_segments_and_restarts() {
    let folder = tempfile::tempdir().expect("a folder");
    // Segments of 256 KiB, so these are several.
    let config = config(folder.path(), 1 << 20);
    let lines = numbered(0..6000);
    let mut position = None;
    let mut found = Vec::new();
    for part in lines.chunks(2000) {
        let (mut spool, mut stream) = Spool::open(&config, "mx1", position.as_deref()).expect("a spool");
        push(&spool, part);
        found.extend(consume(&mut spool, &mut stream, 1990));
        position = Some(spool.position(&stream));
        spool.saved(&spool.position(&stream));
        assert!(spool.bytes() < 10_000, "{}", spool.bytes());
    }
    let (mut spool, mut stream) = Spool::open(&config, "mx1", position.as_deref()).expect("a spool");
    found.extend(consume(&mut spool, &mut stream, 30));
    assert_eq!(found, lines);
    assert_eq!(spool.take_gaps(), []);
    let left = segments(&folder.path().join("mx1")).expect("segments");
    assert!(left.len() <= 2, "saved segments are deleted: {left:?}");
}

#[test]
fn what_is_not_saved_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), 1 << 20);
    let (mut spool, mut stream) = Spool::open(&config, "mx1", None).expect("a spool");
    push(&spool, &numbered(0..10));
    consume(&mut spool, &mut stream, 4);
    let early = spool.position(&stream);
    consume(&mut spool, &mut stream, 6);
    drop(spool);
    let (mut spool, mut stream) = Spool::open(&config, "mx1", Some(&early)).expect("a spool");
    assert_eq!(consume(&mut spool, &mut stream, 6), numbered(4..10));
}

#[test]
fn a_line_torn_by_a_crash_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), 1 << 20);
    fs::create_dir(folder.path().join("mx1")).expect("a folder");
    fs::write(segment_path(&folder.path().join("mx1"), 7), "one\ntor").expect("a segment");
    let (mut spool, mut stream) = Spool::open(&config, "mx1", None).expect("a spool");
    push(&spool, &["two".to_owned()]);
    assert_eq!(consume(&mut spool, &mut stream, 3), ["one", "tor", "two"]);
}

#[test]
fn two_programs_do_not_share_a_spool() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), 1 << 20);
    let first = Spool::open(&config, "mx 1", None).expect("a spool");
    let error = Spool::open(&config, "mx 1", None)
        .expect_err("it is in use")
        .to_string();
    assert!(error.contains("used by another running Mailfate"), "{error}");
    Spool::open(&config, "mx_1", None).expect("another source");
    drop(first);
    Spool::open(&config, "mx 1", None).expect("free again");
}

#[test]
fn a_lost_spool_is_a_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), 1 << 20);
    let (mut spool, mut stream) =
        Spool::open(&config, "mx1", Some(r#"{"segment":5,"offset":10}"#)).expect("a spool");
    let gaps = spool.take_gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].kind, GapKind::LostSpool);
    push(&spool, &["one".to_owned()]);
    assert_eq!(consume(&mut spool, &mut stream, 1), ["one"]);
    assert_eq!(spool.place(&stream).segment, 6);
}

#[test]
fn a_full_spool_drops_datagrams_holds_streams_up_and_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), 300_000);
    let (mut spool, mut stream) = Spool::open(&config, "mx1", None).expect("a spool");
    let line = format!("{}\n", "x".repeat(999));
    let mut offered = 0;
    until("datagrams are dropped", || {
        spool.inbox().offer(line.as_bytes(), 1);
        offered += 1;
        spool
            .inbox()
            .problem()
            .is_some_and(|problem| problem.contains("is full"))
            && offered > 12_000
    });
    assert!(spool.bytes() <= 300_000);
    let gaps = spool.take_gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let dropped = gaps[0].lines.expect("a count");
    assert!(dropped > 0 && gaps[0].bytes == Some(dropped * 1000));
    let mut waiting = b"stream\n".to_vec();
    assert!(
        !spool.inbox().push_blocking(&mut waiting, &AtomicBool::new(true)),
        "a stream finds no room and waits"
    );
    assert_eq!(waiting, b"stream\n");
    // Everything that was not counted as dropped comes out.
    let kept = usize::try_from(offered - dropped).expect("few");
    let mut read = 0;
    until("all that was kept is read", || {
        spool.refill(&mut stream);
        while stream.line().is_some() {
            stream.advance();
            read += 1;
        }
        let position = spool.position(&stream);
        spool.saved(&position);
        read == kept
    });
    until("the problem is over", || spool.inbox().problem().is_none());
    assert!(spool.inbox().push_blocking(&mut waiting, &AtomicBool::new(false)));
    assert_eq!(consume(&mut spool, &mut stream, 1), ["stream"]);
}

/// A disk of 1 MiB. Needs root; elsewhere a size limit of one file would end the test program.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let status = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "mailfate-test"])
            .arg(folder.path())
            .status()
            .expect("the program mount (package mount)");
        assert!(
            status.success(),
            "mounting a small tmpfs needs root (CAP_SYS_ADMIN): run this test as root"
        );
        Self(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let status = std::process::Command::new("umount").arg(self.0.path()).status();
        assert!(status.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

#[test]
fn a_full_disk_tears_no_line_and_receiving_goes_on_when_there_is_room() {
    if !nix::unistd::geteuid().is_root() {
        // The same path through the code, but with a disk that is always full.
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("mx1")).expect("a folder");
        std::os::unix::fs::symlink("/dev/full", segment_path(&folder.path().join("mx1"), 1)).expect("a link");
        let (spool, _) = Spool::open(&config(folder.path(), 1 << 30), "mx1", None).expect("a spool");
        spool.inbox().offer(b"line\n", 1);
        until("the full disk is told", || {
            spool
                .inbox()
                .problem()
                .is_some_and(|problem| problem.contains("no room on the disk"))
        });
        return;
    }
    let disk = SmallDisk::mount();
    let filler = disk.0.path().join("filler");
    let mut file = File::options()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&filler)
        .expect("a file");
    io::Write::write_all(&mut file, &vec![b'x'; 700 << 10]).expect("room for it");
    drop(file);
    {
        let (mut spool, mut stream) =
            Spool::open(&config(disk.0.path(), 1 << 30), "mx1", None).expect("a spool");
        // 1.1 MB of lines whose ends are no multiple of a page.
        let lines = numbered(0..10_000);
        for line in &lines {
            spool.inbox().offer(format!("{line}\n").as_bytes(), 1);
        }
        until("the full disk is told", || {
            spool
                .inbox()
                .problem()
                .is_some_and(|problem| problem.contains("no room on the disk"))
        });
        let mut found = Vec::new();
        spool.refill(&mut stream);
        while let Some(line) = stream.line() {
            found.push(String::from_utf8_lossy(line).into_owned());
            stream.advance();
            if stream.line().is_none() {
                spool.refill(&mut stream);
            }
        }
        assert!(!found.is_empty() && found.len() < lines.len());
        fs::remove_file(&filler).expect("room again");
        // Half of the megabyte is ours now; what was read is saved, but the segment stays.
        let rest = lines.len() - found.len();
        let room = (700 << 10) / lines[0].len();
        let more = rest.min(room / 2);
        found.extend(consume(&mut spool, &mut stream, more));
        assert_eq!(found, lines[..found.len()]);
        assert_eq!(spool.take_gaps(), []);
    }
    drop(disk);
}
