//! Everything that rotation, people and disks do to log files, on real files.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use pretty_assertions::assert_eq;
use tempfile::TempDir;

use super::*;

/// A folder with logs, and a source that follows some of them.
struct Scene {
    folder: TempDir,
    files: Option<Files>,
    streams: Vec<Stream>,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            files: None,
            streams: Vec::new(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .expect("a writable temporary file");
        file.write_all(text.as_bytes()).expect("room for a few bytes");
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("a rename");
    }

    /// As logrotate's copytruncate does it.
    fn copytruncate(&self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).expect("a copy");
        OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(self.path(from))
            .expect("a truncated file");
    }

    fn pack(&self, name: &str, packing: &str) {
        let path = self.path(name);
        let text = fs::read(&path).expect("a file");
        let modified = fs::metadata(&path).and_then(|m| m.modified()).expect("a time");
        let packed = packed(&text, packing);
        let packed_path = self.path(&format!("{name}.{packing}"));
        fs::write(&packed_path, packed).expect("a packed file");
        fs::File::options()
            .write(true)
            .open(&packed_path)
            .and_then(|file| file.set_modified(modified))
            .expect("a time can be set");
        fs::remove_file(path).expect("a file less");
    }

    /// Gives the file a time of change so many minutes ago.
    fn age(&self, name: &str, minutes: u64) {
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_795_000_000 - minutes * 60);
        fs::File::options()
            .write(true)
            .open(self.path(name))
            .and_then(|file| file.set_modified(time))
            .expect("a time can be set");
    }

    fn start(&mut self, names: &[&str], position: Option<&str>) {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        self.streams.clear();
        self.files = Some(Files::open(&paths, position, &mut self.streams).expect("a good configuration"));
    }

    /// Stops and starts again where it was.
    fn restart(&mut self, names: &[&str]) {
        let position = self.stop();
        self.start(names, Some(&position));
    }

    fn stop(&mut self) -> String {
        let position = self.position();
        self.files = None;
        self.streams.clear();
        position
    }

    fn position(&self) -> String {
        self.files.as_ref().expect("started").position(&self.streams)
    }

    fn files(&mut self) -> &mut Files {
        self.files.as_mut().expect("started")
    }

    /// One look at everything, without waiting for its time.
    fn refill(&mut self) -> bool {
        let now = clock::now();
        let files = self.files.as_mut().expect("started");
        files.rescan_at = now;
        for log in &mut files.logs {
            log.look_now(now);
        }
        for stream in &mut self.streams {
            if let Tail::File(tail) = &mut stream.tail {
                tail.next_look = now;
            }
        }
        files.refill(&mut self.streams)
    }

    /// Everything that can be read now.
    fn drain(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        // What is dropped or opened by one look shows at the next.
        let mut quiet = 0;
        while quiet < 4 {
            quiet += 1;
            if self.refill() {
                quiet = 0;
            }
            for stream in &mut self.streams {
                while let Some(line) = stream.line() {
                    lines.push(String::from_utf8_lossy(line).into_owned());
                    stream.advance();
                }
            }
        }
        lines
    }

    /// Looks until there are so many lines.
    fn wait_for(&mut self, count: usize) -> Vec<String> {
        let deadline = clock::now() + Duration::from_secs(30);
        let mut lines = Vec::new();
        while lines.len() < count {
            assert!(clock::now() < deadline, "only {lines:?}");
            lines.extend(self.drain());
        }
        lines
    }

    /// Consumes one line.
    fn next(&mut self) -> Option<String> {
        self.refill();
        let stream = self.streams.iter_mut().find(|stream| stream.line().is_some())?;
        let line = stream
            .line()
            .map(|line| String::from_utf8_lossy(line).into_owned());
        stream.advance();
        line
    }

    fn gaps(&mut self) -> Vec<GapKind> {
        self.files().take_gaps().iter().map(|gap| gap.kind).collect()
    }
}

fn packed(text: &[u8], packing: &str) -> Vec<u8> {
    match packing {
        "gz" => {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(text).expect("memory");
            packed.finish().expect("memory")
        }
        "bz2" => {
            let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            packed.write_all(text).expect("memory");
            packed.finish().expect("memory")
        }
        "xz" => {
            let mut packed = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1))
                .expect("options");
            packed.write_all(text).expect("memory");
            packed.finish().expect("memory")
        }
        "zst" => ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest),
        other => panic!("no packing {other}"),
    }
}

/// A line as logs have them: long enough to tell a file.
fn line(name: &str) -> String {
    format!(
        "2026-11-21T21:30:08.744254+00:00 mail1 postfix/smtpd[1247]: {name} connect from unknown[192.0.2.1]"
    )
}

fn text(names: &[&str]) -> String {
    names.iter().map(|name| line(name) + "\n").collect()
}

fn lines(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| line(name)).collect()
}

#[test]
fn lines_come_whole_and_an_unfinished_one_waits() {
    let mut scene = Scene::new();
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), Vec::<String>::new(), "no file yet");
    scene.append("mail.log", "one\ntw");
    assert_eq!(scene.drain(), ["one"]);
    scene.append("mail.log", "o\r\n");
    assert_eq!(scene.drain(), ["two"]);
    scene.restart(&["mail.log"]);
    scene.append("mail.log", "three\n");
    assert_eq!(scene.drain(), ["three"]);
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_renamed_file_is_read_on_beside_the_new_one_until_it_is_quiet() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["one"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["one"]));
    scene.rename("mail.log", "mail.log.1");
    assert_eq!(scene.drain(), Vec::<String>::new());
    scene.append("mail.log.1", &text(&["two"]));
    assert_eq!(scene.drain(), lines(&["two"]));
    scene.append("mail.log", &text(&["four"]));
    scene.append("mail.log.1", &text(&["three"]));
    assert_eq!(scene.drain(), lines(&["three", "four"]));
    scene.append("mail.log.1", &text(&["late"]));
    assert_eq!(scene.drain(), lines(&["late"]));
    assert_eq!(scene.streams.len(), 2);
    // Also over a restart nothing is read twice.
    scene.restart(&["mail.log"]);
    scene.append("mail.log.1", &text(&["later"]));
    assert_eq!(scene.drain(), lines(&["later"]));
    scene.append("mail.log", &text(&["five"]));
    assert_eq!(scene.drain(), lines(&["five"]));
    scene.files().set_for_test(Duration::ZERO, 100);
    assert_eq!(scene.drain(), Vec::<String>::new());
    assert_eq!(scene.streams.len(), 1);
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_line_torn_by_rotation_comes_when_the_file_is_over() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["one"]));
    scene.append("mail.log", "torn");
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["one"]));
    scene.rename("mail.log", "mail.log.1");
    scene.append("mail.log", &text(&["two"]));
    assert_eq!(scene.drain(), lines(&["two"]));
    scene.files().set_for_test(Duration::ZERO, 100);
    assert_eq!(scene.drain(), ["torn"]);
    scene.restart(&["mail.log"]);
    assert_eq!(scene.drain(), Vec::<String>::new());
}

#[test]
fn copytruncate_loses_nothing_that_is_in_the_copy() {
    for packing in [None, Some("gz")] {
        let mut scene = Scene::new();
        scene.append("mail.log", &text(&["one", "two"]));
        scene.start(&["mail.log"], None);
        assert_eq!(scene.next(), Some(line("one")));
        assert_eq!(scene.drain(), lines(&["two"]));
        scene.append("mail.log", &text(&["three"]));
        scene.copytruncate("mail.log", "mail.log.1");
        if let Some(packing) = packing {
            scene.pack("mail.log.1", packing);
        }
        scene.append("mail.log", &text(&["four"]));
        assert_eq!(scene.drain(), lines(&["three", "four"]), "{packing:?}");
        scene.append("mail.log", &text(&["five"]));
        scene.restart(&["mail.log"]);
        assert_eq!(scene.drain(), lines(&["five"]), "{packing:?}");
        assert_eq!(scene.gaps(), [], "{packing:?}");
    }
}

#[test]
fn a_truncated_file_that_has_grown_beyond_our_place_is_noticed() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["one", "two"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["one", "two"]));
    scene.append("mail.log", &text(&["three"]));
    scene.copytruncate("mail.log", "mail.log.1");
    scene.append("mail.log", &text(&["a", "b", "c", "d", "e", "f"]));
    assert_eq!(scene.drain(), lines(&["three", "a", "b", "c", "d", "e", "f"]));
    // And one of exactly the same length.
    scene.copytruncate("mail.log", "mail.log.1");
    scene.append("mail.log", &text(&["g", "h", "i", "j", "k", "l"]));
    assert_eq!(scene.drain(), lines(&["g", "h", "i", "j", "k", "l"]));
    assert_eq!(scene.gaps(), []);
}

#[test]
fn copytruncate_while_stopped_is_found_out() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["one", "two"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.next(), Some(line("one")));
    let position = scene.stop();
    scene.append("mail.log", &text(&["three"]));
    scene.copytruncate("mail.log", "mail.log.1");
    scene.append("mail.log", &text(&["a", "b", "c", "d"]));
    scene.start(&["mail.log"], Some(&position));
    assert_eq!(scene.drain(), lines(&["two", "three", "a", "b", "c", "d"]));
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_file_emptied_without_a_copy_is_a_gap() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["one", "two"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["one", "two"]));
    fs::write(scene.path("mail.log"), text(&["three"])).expect("a new text");
    assert_eq!(scene.drain(), lines(&["three"]));
    assert_eq!(scene.gaps(), [GapKind::Truncated]);
}

#[test]
fn the_hole_of_a_writer_that_does_not_append_is_skipped_and_told() {
    use std::os::unix::fs::FileExt;
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["one", "two"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["one", "two"]));
    let mut end = text(&["one", "two"]).len() as u64;
    let mut told = 0;
    for (round, name) in [(1, "three"), (2, "four")] {
        scene.copytruncate("mail.log", &format!("mail.log.{round}"));
        fs::File::options()
            .write(true)
            .open(scene.path("mail.log"))
            .and_then(|file| file.write_all_at(text(&[name]).as_bytes(), end))
            .expect("a hole and a line");
        assert_eq!(scene.drain(), lines(&[name]));
        let gaps = scene.files().take_gaps();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert_eq!((gaps[0].kind, gaps[0].bytes), (GapKind::Hole, Some(end)));
        told += 1;
        end += text(&[name]).len() as u64;
    }
    assert_eq!(told, 2);
    scene.restart(&["mail.log"]);
    assert_eq!(scene.drain(), Vec::<String>::new());
}

#[test]
fn after_days_all_rotated_files_are_read_in_order() {
    for packings in [["gz", "gz"], ["xz", "zst"], ["bz2", "xz"]] {
        for names in [
            ["mail.log.3", "mail.log.2", "mail.log.1"],
            ["mail.log-20261119", "mail.log-20261120", "mail.log-20261121"],
            ["mail-20261119.log", "mail-20261120.log", "mail-20261121.log"],
        ] {
            let mut scene = Scene::new();
            scene.append("mail.log", &text(&["1", "2"]));
            scene.start(&["mail.log"], None);
            assert_eq!(scene.next(), Some(line("1")));
            let position = scene.stop();
            scene.append("mail.log", &text(&["3"]));
            scene.rename("mail.log", names[0]);
            scene.append(names[1], &text(&["4", "5"]));
            scene.append(names[2], &text(&["6"]));
            scene.append("mail.log", &text(&["7"]));
            for (name, minutes) in names.iter().zip([300, 200, 100]) {
                scene.age(name, minutes);
            }
            scene.pack(names[0], packings[0]);
            scene.pack(names[1], packings[1]);
            scene.start(&["mail.log"], Some(&position));
            // In the middle of it all, again and again.
            let mut found = Vec::new();
            while let Some(line) = scene.next() {
                found.push(line);
                scene.restart(&["mail.log"]);
            }
            assert_eq!(
                found,
                lines(&["2", "3", "4", "5", "6", "7"]),
                "{names:?} {packings:?}"
            );
            assert_eq!(scene.gaps(), []);
            scene.append("mail.log", &text(&["8"]));
            assert_eq!(scene.drain(), lines(&["8"]));
        }
    }
}

#[test]
fn rotations_while_a_backlog_is_read_lose_nothing() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["1", "2"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.next(), Some(line("1")));
    for (old, new) in [("3", "4"), ("5", "6")] {
        scene.append("mail.log", &text(&[old]));
        if scene.path("mail.log.1").exists() {
            scene.rename("mail.log.1", "mail.log.2");
            scene.pack("mail.log.2", "gz");
        }
        scene.rename("mail.log", "mail.log.1");
        scene.append("mail.log", &text(&[new]));
    }
    assert_eq!(scene.drain(), lines(&["2", "3", "4", "5", "6"]));
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_lost_file_is_a_gap_and_what_came_later_is_read() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["1"]));
    scene.age("mail.log", 1000);
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["1"]));
    let position = scene.stop();
    fs::remove_file(scene.path("mail.log")).expect("a file less");
    scene.append("mail.log.9", &text(&["old"]));
    scene.age("mail.log.9", 2000);
    scene.append("mail.log.1", &text(&["2"]));
    scene.age("mail.log.1", 500);
    scene.append("mail.log", &text(&["3"]));
    scene.start(&["mail.log"], Some(&position));
    assert_eq!(scene.drain(), lines(&["2", "3"]));
    let gaps = scene.files().take_gaps();
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].text.contains("is gone"), "{}", gaps[0].text);
    scene.restart(&["mail.log"]);
    assert_eq!(scene.drain(), Vec::<String>::new());
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_compressed_file_that_is_still_being_written_is_waited_for() {
    let mut scene = Scene::new();
    let all: Vec<String> = (0..3000).map(|n| format!("{n}-{}", n * 7919)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    scene.append("mail.log", &text(&all));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.next(), Some(line(all[0])));
    let position = scene.stop();
    scene.rename("mail.log", "mail.log.1");
    let plain = fs::read(scene.path("mail.log.1")).expect("a file");
    scene.append("mail.log", &text(&["next"]));
    let whole = packed(&plain, "gz");
    fs::remove_file(scene.path("mail.log.1")).expect("a file less");
    fs::write(scene.path("mail.log.1.gz"), &whole[..whole.len() / 2]).expect("half a file");
    scene.start(&["mail.log"], Some(&position));
    let mut found = scene.drain();
    assert!(
        !found.is_empty() && found.len() < all.len() - 1,
        "{}",
        found.len()
    );
    assert!(
        scene
            .files()
            .problem()
            .is_some_and(|problem| problem.contains("mail.log.1.gz")),
        "a problem is told"
    );
    fs::write(scene.path("mail.log.1.gz"), &whole).expect("the whole file");
    found.extend(scene.wait_for(all.len() - found.len()));
    let expected: Vec<&str> = all.iter().skip(1).copied().chain(["next"]).collect();
    assert_eq!(found, lines(&expected));
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_damaged_compressed_file_is_given_up_and_told() {
    let mut scene = Scene::new();
    let all: Vec<String> = (0..3000).map(|n| format!("{n}-{}", n * 7919)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    scene.append("mail.log", &text(&all));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.next(), Some(line(all[0])));
    let position = scene.stop();
    scene.rename("mail.log", "mail.log.1");
    scene.pack("mail.log.1", "gz");
    let whole = fs::read(scene.path("mail.log.1.gz")).expect("a file");
    fs::write(scene.path("mail.log.1.gz"), &whole[..whole.len() / 2]).expect("half a file");
    scene.append("mail.log", &text(&["next"]));
    scene.start(&["mail.log"], Some(&position));
    scene.files().set_for_test(Duration::ZERO, 100);
    let found = scene.drain();
    assert_eq!(found.last(), Some(&line("next")));
    assert_eq!(scene.gaps(), [GapKind::Damaged]);
}

#[test]
fn a_deleted_file_is_read_to_its_end_and_its_name_waited_for() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["1"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["1"]));
    let mut writer = OpenOptions::new()
        .append(true)
        .open(scene.path("mail.log"))
        .expect("a file");
    fs::remove_file(scene.path("mail.log")).expect("a file less");
    assert_eq!(scene.drain(), Vec::<String>::new());
    writer.write_all(text(&["2"]).as_bytes()).expect("room");
    assert_eq!(scene.drain(), lines(&["2"]));
    scene.append("mail.log", &text(&["3"]));
    assert_eq!(scene.drain(), lines(&["3"]));
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_file_replaced_by_a_longer_copy_goes_on() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["1"]));
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), lines(&["1"]));
    // As rsync does it.
    scene.append(".mail.log.x", &text(&["1", "2"]));
    scene.rename(".mail.log.x", "mail.log");
    assert_eq!(scene.drain(), lines(&["2"]));
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_folder_or_pipe_is_refused_by_name() {
    let scene = Scene::new();
    let error = Files::open(&[scene.folder.path().to_owned()], None, &mut Vec::new())
        .expect_err("a folder is no log")
        .to_string();
    assert!(
        error.contains(&scene.folder.path().display().to_string()),
        "{error}"
    );
    for (pattern, words) in [("/var/log/***/x", "/var/log/***/x"), ("/var/log/*/", "folders")] {
        let error = Files::open(&[PathBuf::from(pattern)], None, &mut Vec::new())
            .expect_err("no pattern")
            .to_string();
        assert!(error.contains(words), "{error}");
    }
    let error = Files::open(&[scene.path("x")], Some("not json"), &mut Vec::new()).expect_err("no position");
    assert!(error.to_string().contains("new name"), "{error}");
}

#[test]
fn what_cannot_be_read_is_told_in_words_and_tried_again() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["1"]));
    fs::set_permissions(scene.path("mail.log"), fs::Permissions::from_mode(0o000)).expect("a mode");
    if fs::File::open(scene.path("mail.log")).is_ok() {
        // Root may read everything; a link that leads to itself nobody can.
        fs::remove_file(scene.path("mail.log")).expect("a file less");
        std::os::unix::fs::symlink(scene.path("mail.log"), scene.path("mail.log")).expect("a link");
    }
    scene.start(&["mail.log"], None);
    assert_eq!(scene.drain(), Vec::<String>::new());
    // It is told also between two attempts.
    let files = scene.files.as_mut().expect("started");
    files.refill(&mut scene.streams);
    let problem = scene.files().problem().map(str::to_owned).expect("a problem");
    assert!(problem.contains("mail.log"), "{problem}");
    fs::remove_file(scene.path("mail.log")).expect("a name less");
    scene.append("mail.log", &text(&["2"]));
    assert_eq!(scene.drain(), lines(&["2"]));
    assert_eq!(scene.files().problem(), None);
}

#[test]
fn a_glob_finds_new_files_and_reads_rotated_ones_once() {
    let mut scene = Scene::new();
    scene.append("a/mail.log", &text(&["a1"]));
    scene.append("a/mail.log.1", &text(&["a0"]));
    scene.start(&["*/mail.log*"], None);
    assert_eq!(scene.drain(), lines(&["a0", "a1"]));
    scene.append("b/mail.log", &text(&["b1"]));
    assert_eq!(scene.drain(), lines(&["b1"]));
    scene.rename("a/mail.log.1", "a/mail.log.2");
    scene.pack("a/mail.log.2", "gz");
    scene.rename("a/mail.log", "a/mail.log.1");
    assert_eq!(scene.drain(), Vec::<String>::new());
    scene.append("a/mail.log", &text(&["a2"]));
    assert_eq!(scene.drain(), lines(&["a2"]));
    scene.restart(&["*/mail.log*"]);
    scene.append("a/mail.log", &text(&["a3"]));
    scene.append("b/mail.log", &text(&["b2"]));
    let mut found = scene.drain();
    found.sort();
    assert_eq!(found, lines(&["a3", "b2"]));
    scene.files().set_for_test(Duration::ZERO, 100);
    assert_eq!(scene.drain(), Vec::<String>::new());
    scene.restart(&["*/mail.log*"]);
    assert_eq!(scene.drain(), Vec::<String>::new());
    assert_eq!(scene.gaps(), []);
}

#[test]
fn one_file_under_two_names_is_read_once() {
    let mut scene = Scene::new();
    scene.append("mail-2026-11-21.log", &text(&["1"]));
    std::os::unix::fs::symlink(scene.path("mail-2026-11-21.log"), scene.path("current.log")).expect("a link");
    scene.start(&["*.log"], None);
    assert_eq!(scene.drain(), lines(&["1"]));
    // A rename to a name that the glob finds too.
    scene.append("other.log", &text(&["2"]));
    assert_eq!(scene.drain(), lines(&["2"]));
    scene.rename("other.log", "elsewhere.log");
    scene.append("other.log", &text(&["3"]));
    assert_eq!(scene.drain(), lines(&["3"]));
    scene.files().set_for_test(Duration::ZERO, 100);
    assert_eq!(scene.drain(), Vec::<String>::new());
    scene.restart(&["*.log"]);
    assert_eq!(scene.drain(), Vec::<String>::new());
}

#[test]
fn many_files_need_few_handles() {
    let mut scene = Scene::new();
    let hosts: Vec<String> = (0..200).map(|n| format!("host{n}")).collect();
    for host in &hosts {
        scene.append(&format!("{host}/mail.log"), &text(&[host]));
    }
    scene.start(&["*/mail.log"], None);
    scene.files().set_for_test(QUIET, 10);
    let mut found = scene.drain();
    let mut expected: Vec<String> = hosts.iter().map(|host| line(host)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let open = |scene: &Scene| {
        let is_open = |stream: &&Stream| matches!(&stream.tail, Tail::File(tail) if tail.is_open());
        scene.streams.iter().filter(is_open).count()
    };
    assert_eq!(open(&scene), 10);
    // A closed file that grows, is rotated, or is truncated goes on as an open one.
    let second = line("second");
    scene.append("host0/mail.log", &text(&["second"]));
    assert_eq!(scene.drain(), std::slice::from_ref(&second));
    for host in &hosts[1..20] {
        scene.append(&format!("{host}/mail.log"), &text(&["second"]));
        scene.rename(&format!("{host}/mail.log"), &format!("{host}/mail.log.1"));
        scene.append(&format!("{host}/mail.log"), &text(&[&format!("third {host}")]));
    }
    let mut found = scene.drain();
    found.sort();
    let mut expected = vec![second; 19];
    expected.extend(hosts[1..20].iter().map(|host| line(&format!("third {host}"))));
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(scene.gaps(), []);
}

#[test]
fn a_position_of_an_earlier_version_is_understood() {
    let mut scene = Scene::new();
    scene.append("mail.log", &text(&["1", "2"]));
    let mut beginning = crate::source::beginning::Beginning::default();
    beginning
        .check(&fs::File::open(scene.path("mail.log")).expect("a file"))
        .expect("a readable file");
    let fingerprint = beginning.fingerprint();
    let position = serde_json::json!({
        "fingerprint": fingerprint.hash,
        "fingerprint_bytes": fingerprint.bytes,
        "offset": text(&["1"]).len(),
    });
    scene.start(&["mail.log"], Some(&position.to_string()));
    assert_eq!(scene.drain(), lines(&["2"]));
}
