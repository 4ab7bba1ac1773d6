//! Sources fed by the programs that feed them in real life, with the configuration that docs/sources.md tells people to use.
//!
//! rsyslog and syslog-ng run as private processes: own socket, own folder, nothing of the system's. systemd-journal-remote makes a journal file.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ingest::source::{Format, From, GapKind, JournalConfig, Source, SourceConfig, SpoolConfig, TlsFiles};
use jiff::tz::TimeZone;
use pretty_assertions::assert_eq;
use tempfile::TempDir;

const DOCUMENT: &str = include_str!("../../docs/sources.md");
const MESSAGES: usize = 200;

#[expect(clippy::disallowed_methods, reason = "a deadline for tests")]
fn now() -> Instant {
    Instant::now()
}

/// Waits until the condition holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = now() + Duration::from_mins(1);
    while !holds() {
        assert!(now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self, from: From, format: Format, position: Option<&str>) -> Source {
        let config = SourceConfig {
            name: "test".to_owned(),
            zone: TimeZone::UTC,
            from,
            format,
        };
        Source::open(&config, position, &SpoolConfig::in_folder(self.path("spool"))).expect("a good source")
    }
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Reads lines until there are so many; fails with what is missing.
fn read(source: &mut Source, count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last = now();
    while lines.len() < count {
        if source.refill() {
            last = now();
        }
        assert!(
            now().duration_since(last) < Duration::from_mins(1),
            "only {} of {count} lines came; problem: {:?}; the last: {:?}",
            lines.len(),
            source.problem(),
            lines.last()
        );
        for stream in source.streams() {
            while lines.len() < count
                && let Some(line) = stream.line()
            {
                lines.push(String::from_utf8_lossy(line).into_owned());
                stream.advance();
            }
        }
        std::thread::yield_now();
    }
    lines
}

/// The snippet behind `<!-- test: NAME -->`.
fn snippet(name: &str) -> String {
    let mark = format!("<!-- test: {name} -->\n```\n");
    let (_, rest) = DOCUMENT
        .split_once(&mark)
        .unwrap_or_else(|| panic!("docs/sources.md has no {mark}"));
    rest.split("```").next().expect("an end").to_owned()
}

fn program(names: &[&str], package: &str) -> PathBuf {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/lib/systemd", "/lib/systemd"].map(PathBuf::from);
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/syslog-ng/usr/sbin");
    folders
        .into_iter()
        .chain([unpacked])
        .flat_map(|folder| {
            names
                .iter()
                .map(move |name| folder.join(name))
                .collect::<Vec<_>>()
        })
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!(
                "{} is missing: install the package {package}, or run setup/setup.sh test",
                names[0]
            )
        })
}

/// A program that ends with the test.
struct Daemon {
    child: Child,
    input: PathBuf,
    log: PathBuf,
}

impl Daemon {
    fn rsyslog(scene: &Scene, snippet: &str) -> Self {
        let (input, config) = (scene.path("in.sock"), scene.path("rsyslog.conf"));
        let folder = scene.folder.path().display();
        let text = format!(
            "global(workDirectory=\"{folder}\")\n\
             module(load=\"imuxsock\" SysSock.Use=\"off\")\n\
             input(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\")\n{snippet}",
            input.display()
        );
        fs::write(&config, text).expect("a file");
        let mut command = Command::new(program(&["rsyslogd"], "rsyslog"));
        command
            .arg("-n")
            .arg("-f")
            .arg(&config)
            .arg("-i")
            .arg(scene.path("rsyslog.pid"));
        Self::start(scene, command, input)
    }

    fn syslog_ng(scene: &Scene, snippet: &str) -> Self {
        let (input, config) = (scene.path("in.sock"), scene.path("syslog-ng.conf"));
        let text = format!(
            "@version: 3.38\noptions {{ use-dns(no); stats-freq(0); }};\n\
             source s_src {{ unix-dgram(\"{}\"); }};\nfilter f_mail {{ facility(mail); }};\n{snippet}",
            input.display()
        );
        fs::write(&config, text).expect("a file");
        let program = program(&["syslog-ng"], "syslog-ng-core");
        let mut command = Command::new(&program);
        command.args(["--foreground", "--no-caps", "--stderr"]);
        for (option, name) in [
            ("--persist-file", "persist"),
            ("--pidfile", "pid"),
            ("--control", "control"),
            ("--cfgfile", "syslog-ng.conf"),
        ] {
            command.arg(option).arg(scene.path(name));
        }
        // Debian lets only one of the two be installed; setup unpacks the other, whose libraries lie beside it then.
        if !program.starts_with("/usr/sbin") {
            let usr = program.parent().and_then(Path::parent).expect("a folder usr");
            let library = usr.join("lib");
            let modules = fs::read_dir(library.join("syslog-ng"))
                .expect("modules")
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .find(|path| path.is_dir() && path.join("libafsocket.so").exists())
                .unwrap_or_else(|| library.join("syslog-ng"));
            let architecture = fs::read_dir(&library)
                .expect("libraries")
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .find(|path| path.to_string_lossy().ends_with("-linux-gnu"));
            let mut paths = vec![library.join("syslog-ng").display().to_string()];
            paths.extend(architecture.map(|path| path.display().to_string()));
            command
                .env("LD_LIBRARY_PATH", paths.join(":"))
                .arg("--module-path")
                .arg(modules);
        }
        Self::start(scene, command, input)
    }

    fn start(scene: &Scene, mut command: Command, input: PathBuf) -> Self {
        let log = scene.path("daemon.log");
        let output = fs::File::create(&log).expect("a file");
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a handle"))
            .stderr(output)
            .spawn()
            .expect("a program that starts");
        let mut daemon = Self { child, input, log };
        until("the daemon's socket", || {
            assert!(
                daemon.child.try_wait().is_ok_and(|end| end.is_none()),
                "the daemon ended: {}",
                fs::read_to_string(&daemon.log).unwrap_or_default()
            );
            daemon.input.exists()
        });
        daemon
    }

    /// Logs as a mail server would.
    fn log(&self, count: usize) {
        let socket = UnixDatagram::unbound().expect("a socket");
        until("the daemon listens", || socket.connect(&self.input).is_ok());
        for number in 0..count {
            let message = format!("<22>Nov 21 21:30:08 postfix/smtpd[1247]: message number {number:06} end");
            socket.send(message.as_bytes()).expect("the daemon takes it");
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            eprintln!("the daemon could not be ended");
        }
        if std::thread::panicking() {
            eprintln!("{}", fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// The numbers of the messages, in the order in which they came; checks what the tracer needs of the rest.
fn numbers(lines: &[String]) -> Vec<usize> {
    let mut headers =
        tracer::line::HeaderReader::not_after(model::time::Micros(1_900_000_000_000_000), TimeZone::UTC);
    lines
        .iter()
        .map(|line| {
            assert!(headers.read(line.as_bytes()).is_some(), "no header: {line}");
            let (_, rest) = line
                .split_once("message number ")
                .unwrap_or_else(|| panic!("{line}"));
            let (number, rest) = rest.split_at(6);
            assert_eq!(rest.trim_end_matches("\"}"), " end", "{line}");
            number.parse().expect("a number")
        })
        .collect()
}

/// Both programs forward to a source; whatever the transport, every message comes, whole.
fn forwards(transport: &str, from: impl Fn(&Scene) -> From) {
    for daemon in ["rsyslog", "syslog-ng"] {
        let scene = Scene::new();
        let mut source = scene.open(from(&scene), Format::Syslog, None);
        let mut snippet = snippet(&format!("{daemon} {transport}"))
            .replace("target=\"mailfate.example.net\"", "target=\"localhost\"")
            .replace("(\"mailfate.example.net\"", "(\"localhost\"")
            .replace("/etc/mailfate", &scene.folder.path().display().to_string())
            .replace("/run/mailfate", &scene.folder.path().display().to_string());
        if let Some(address) = source.listening_on() {
            for port in ["5514", "6514"] {
                snippet = snippet.replace(port, &address.port().to_string());
            }
        }
        let running = if daemon == "rsyslog" {
            Daemon::rsyslog(&scene, &snippet)
        } else {
            Daemon::syslog_ng(&scene, &snippet)
        };
        running.log(MESSAGES);
        let mut found = numbers(&read(&mut source, MESSAGES));
        found.sort_unstable();
        assert_eq!(
            found,
            (0..MESSAGES).collect::<Vec<_>>(),
            "{daemon} over {transport}"
        );
        assert_eq!(source.take_gaps(), [], "{daemon} over {transport}");
    }
}

#[test]
fn syslog_daemons_forward_over_tcp() {
    forwards("tcp", |_| From::Tcp(any_port()));
}

#[test]
fn syslog_daemons_forward_over_udp() {
    forwards("udp", |_| From::Udp(any_port()));
}

#[test]
fn syslog_daemons_forward_over_a_unix_socket() {
    forwards("unix", |scene| From::UnixDatagram(scene.path("log")));
}

#[test]
fn syslog_daemons_forward_over_tls() {
    forwards("tls", |scene| From::Tls {
        listen: any_port(),
        files: certificates(scene),
    });
}

/// A certificate authority, ours, and a sender's, as the document names the files.
fn certificates(scene: &Scene) -> TlsFiles {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, "test authority");
    let key = rcgen::KeyPair::generate().expect("a key");
    let authority = rcgen::CertifiedIssuer::self_signed(parameters, key).expect("a certificate");
    fs::write(scene.path("ca.pem"), authority.pem()).expect("a file");
    for (name, host) in [("cert", "mailfate.example.net"), ("sender", "sender.example.net")] {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut parameters =
            rcgen::CertificateParams::new(vec![host.to_owned(), "localhost".to_owned()]).expect("parameters");
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, "localhost");
        let certificate = parameters.signed_by(&key, &authority).expect("a certificate");
        let key_name = if name == "cert" {
            "key.pem".to_owned()
        } else {
            format!("{name}-key.pem")
        };
        fs::write(scene.path(&format!("{name}.pem")), certificate.pem()).expect("a file");
        fs::write(scene.path(&key_name), key.serialize_pem()).expect("a file");
    }
    TlsFiles {
        certificate: scene.path("cert.pem"),
        key: scene.path("key.pem"),
        client_ca: Some(scene.path("ca.pem")),
    }
}

#[test]
fn whoever_has_no_certificate_is_not_let_in() {
    let scene = Scene::new();
    let files = certificates(&scene);
    let mut source = scene.open(
        From::Tls {
            listen: any_port(),
            files,
        },
        Format::Syslog,
        None,
    );
    let address = source.listening_on().expect("an address");
    let mut connection = TcpStream::connect(address).expect("a connection");
    connection
        .write_all(b"<22>plain text\n")
        .expect("the kernel takes it");
    until("the refusal is told", || {
        source.refill();
        source
            .take_gaps()
            .iter()
            .any(|gap| gap.kind == GapKind::BadMessage)
    });
    assert!(!source.refill());
}

#[test]
fn wrong_certificates_name_the_key_and_the_file() {
    let scene = Scene::new();
    let files = certificates(&scene);
    fs::write(&files.certificate, "no certificate").expect("a file");
    let error = files.check().expect_err("it is none").to_string();
    assert!(
        error.contains("tls.certificate") && error.contains("cert.pem"),
        "{error}"
    );
}

#[test]
fn hostile_connections_harm_nobody_else() {
    let scene = Scene::new();
    let mut source = scene.open(From::Tcp(any_port()), Format::Syslog, None);
    let address = source.listening_on().expect("an address");
    let connect = || TcpStream::connect(address).expect("a connection");
    let mut endless = connect();
    endless.write_all(&vec![b'x'; 1 << 20]).expect("it is read");
    let mut huge = connect();
    huge.write_all(b"999999999 <22>x").expect("the kernel takes it");
    let mut strange = connect();
    strange
        .write_all(b"<22>a\0b\xff\xfe\n")
        .expect("the kernel takes it");
    let mut good = connect();
    good.write_all(b"10 <22>1 good\n10 <22>1 go")
        .expect("the kernel takes it");
    good.write_all(b"od\n<22>last without end")
        .expect("the kernel takes it");
    drop(good);
    let mut lines = read(&mut source, 5);
    lines.sort();
    let cut = lines.pop().map(|line| line.len());
    assert_eq!(cut, Some(65_536));
    assert_eq!(
        lines,
        [
            "<22>1 good",
            "<22>1 good",
            "<22>a b\u{fffd}\u{fffd}",
            "<22>last without end"
        ]
    );
    until("the huge count is told", || {
        source
            .take_gaps()
            .iter()
            .any(|gap| gap.text.contains("999999999"))
    });
}

#[test]
fn datagrams_survive_a_restart_and_are_deleted_when_saved() {
    let scene = Scene::new();
    let mut source = scene.open(From::Udp(any_port()), Format::Syslog, None);
    let sender = UdpSocket::bind(any_port()).expect("a port");
    for number in 0..100 {
        sender
            .send_to(
                format!("<22>line {number:03}\n").as_bytes(),
                source.listening_on().expect("an address"),
            )
            .expect("loopback takes it");
    }
    assert_eq!(read(&mut source, 60).len(), 60);
    let position = source.position();
    assert_eq!(read(&mut source, 40).len(), 40, "all are in the spool");
    drop(source);
    let mut source = scene.open(From::Udp(any_port()), Format::Syslog, Some(&position));
    let lines = read(&mut source, 40);
    assert_eq!(lines.first().map(String::as_str), Some("<22>line 060"));
    assert!(source.spooled_bytes() > 0);
    let position = source.position();
    source.saved(&position);
    assert_eq!(source.spooled_bytes(), 0);
}

#[test]
fn a_pipes_writers_come_and_go() {
    let scene = Scene::new();
    let path = scene.path("pipe");
    let mut source = scene.open(From::Pipe(path.clone()), Format::Syslog, None);
    for text in ["one\ntwo without end", "three\n"] {
        fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|mut pipe| pipe.write_all(text.as_bytes()))
            .expect("a reader is there");
        let expected: Vec<&str> = text.lines().collect();
        assert_eq!(read(&mut source, expected.len()), expected);
    }
    assert!(!source.is_over());
}

#[test]
fn a_stale_socket_is_replaced_and_a_used_one_is_not() {
    let scene = Scene::new();
    let path = scene.path("log");
    drop(UnixDatagram::bind(&path).expect("a socket"));
    assert!(path.exists(), "its name stays");
    let mut source = scene.open(From::UnixDatagram(path.clone()), Format::Syslog, None);
    let sender = UnixDatagram::unbound().expect("a socket");
    sender.send_to(b"<22>one", &path).expect("somebody listens");
    assert_eq!(read(&mut source, 1), ["<22>one"]);
    let config = SourceConfig {
        name: "other".to_owned(),
        zone: TimeZone::UTC,
        from: From::UnixDatagram(path.clone()),
        format: Format::Syslog,
    };
    let error =
        Source::open(&config, None, &SpoolConfig::in_folder(scene.path("spool"))).expect_err("in use");
    assert!(error.to_string().contains("unix "), "{error}");
    drop(source);
    assert!(!path.exists());
}

/// Entries in the Journal Export Format.
fn export(range: std::ops::Range<usize>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in range {
        let time = 1_795_296_608_744_254 + number;
        write!(
            bytes,
            "__CURSOR=s=0123456789abcdef0123456789abcdef;i={number:x};b=0123456789abcdef0123456789abcdef;m={number:x};t={time:x};x={number:x}\n\
             __REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n\
             _HOSTNAME=mail1\nSYSLOG_IDENTIFIER=postfix/smtpd\n_PID=1247\nMESSAGE=message number {number:06} end\n\n",
            number + 1
        )
        .expect("memory");
    }
    bytes
}

fn journal_remote(folder: &Path, entries: &[u8]) {
    let mut child = Command::new(program(&["systemd-journal-remote"], "systemd-journal-remote"))
        .arg("-o")
        .arg(folder.join("remote.journal"))
        .args(["--split-mode=none", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a program that starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(entries)
        .expect("it reads");
    assert!(
        child.wait().is_ok_and(|status| status.success()),
        "the journal is written"
    );
}

#[test]
fn the_journal_is_followed_from_its_cursor() {
    let scene = Scene::new();
    let folder = scene.path("journal");
    fs::create_dir(&folder).expect("a folder");
    journal_remote(&folder, &export(0..100));
    program(&["journalctl"], "systemd");
    let from = From::Journal(JournalConfig {
        directory: Some(folder.clone()),
        ..JournalConfig::system()
    });
    let mut source = scene.open(from.clone(), Format::Syslog, None);
    assert_eq!(numbers(&read(&mut source, 40)), (0..40).collect::<Vec<_>>());
    let position = source.position();
    assert_eq!(numbers(&read(&mut source, 60)), (40..100).collect::<Vec<_>>());
    let end = source.position();
    drop(source);
    let mut source = scene.open(from.clone(), Format::Syslog, Some(&position));
    assert_eq!(numbers(&read(&mut source, 60)), (40..100).collect::<Vec<_>>());
    assert_eq!(source.take_gaps(), []);
    drop(source);
    journal_remote(&folder, &export(100..150));
    let mut source = scene.open(from, Format::Syslog, Some(&end));
    assert_eq!(numbers(&read(&mut source, 50)), (100..150).collect::<Vec<_>>());
    assert_eq!(source.take_gaps(), []);
}

#[test]
fn a_journal_that_cannot_be_read_is_a_problem_in_words() {
    let scene = Scene::new();
    let mut source = scene.open(
        From::Journal(JournalConfig {
            program: scene.path("no-journalctl"),
            ..JournalConfig::system()
        }),
        Format::Syslog,
        None,
    );
    assert!(!source.refill());
    assert!(
        source
            .problem()
            .is_some_and(|problem| problem.contains("no-journalctl"))
    );
}

#[test]
fn the_export_format_comes_over_a_connection() {
    let scene = Scene::new();
    let mut source = scene.open(From::Tcp(any_port()), Format::JournalExport, None);
    let mut connection =
        TcpStream::connect(source.listening_on().expect("an address")).expect("a connection");
    for piece in export(0..50).chunks(777) {
        connection.write_all(piece).expect("it is read");
    }
    assert_eq!(numbers(&read(&mut source, 50)), (0..50).collect::<Vec<_>>());
}
