//! What the fuzz targets do with their bytes, for cargo-fuzz (`make fuzz`) and for an ordinary test (`tracer/tests/fuzz_targets.rs`).
//!
//! Goes in: any bytes. Comes out: nothing; a panic is a finding. A target stands for a dialect and reads each line of its bytes as what that
//! dialect's programs said; `line` reads headers; `correlator` feeds whole logs, writes its state out and reads it back on the way.

use jiff::tz::TimeZone;
use tracer::correlate::{Correlator, Knowledge, Limits, Parked};
use tracer::dialect;
use tracer::line::{HeaderReader, LogLine};

/// A target by name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 12] = [
    ("postfix", |bytes| dialect_of(&POSTFIX, bytes)),
    ("amavis", |bytes| dialect_of(&["amavis"], bytes)),
    ("rspamd", |bytes| dialect_of(&["rspamd"], bytes)),
    ("dovecot", |bytes| dialect_of(&["dovecot"], bytes)),
    ("greylist", |bytes| dialect_of(&GREYLIST, bytes)),
    ("spamd", |bytes| dialect_of(&["spamd"], bytes)),
    ("exim", |bytes| dialect_of(&["exim"], bytes)),
    ("sendmail", |bytes| dialect_of(&["sm-mta", "sendmail"], bytes)),
    ("qmail", |bytes| dialect_of(&QMAIL, bytes)),
    ("opensmtpd", |bytes| dialect_of(&["smtpd"], bytes)),
    ("line", headers),
    ("correlator", correlator),
];

/// Runs one of them.
///
/// # Panics
///
/// When there is no target of that name, and when the tracer fails.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    target.expect("a target").1(bytes);
}

const POSTFIX: [&str; 14] = [
    "mx1/smtpd",
    "mx1/postscreen",
    "mx1/cleanup",
    "mx1/qmgr",
    "mx1/smtp",
    "mx1/lmtp",
    "mx1/local",
    "mx1/pipe",
    "mx1/virtual",
    "mx1/bounce",
    "mx1/pickup",
    "mx1/postsuper",
    "mx1/10025/smtpd",
    "mx1/submission/smtpd",
];
const GREYLIST: [&str; 9] = [
    "postgrey",
    "sqlgrey",
    "policyd",
    "cbpolicyd",
    "gld",
    "milter-greylist",
    "policyd-spf",
    "opendkim",
    "opendmarc",
];
const QMAIL: [&str; 8] = [
    "qmail",
    "qmail-smtpd",
    "qmail-scanner",
    "tcpserver",
    "rblsmtpd",
    "spamdyke",
    "simscan",
    "vpopmail",
];
/// Headers that the correlator's target puts in front, by the first byte of a line; beyond them the line has its own.
const HEADS: [&str; 8] = [
    "2026-11-21T10:00:00.5+00:00 mail1 ",
    "2026-11-21T10:00:01+00:00 mail1 mx1/smtpd[1]: ",
    "2026-11-21T10:10:00+00:00 mail1 mx1/smtp[2]: ",
    "2026-11-21T11:00:00+00:00 mail2 amavis[3]: ",
    "2026-11-21T11:00:00+00:00 mail2 exim[4]: ",
    "2026-11-22T11:00:00+00:00 mail2 sm-mta[5]: ",
    "2026-11-29T11:00:00+00:00 mail2 qmail: ",
    "2026-11-29T12:00:00+00:00 mail2 smtpd[6]: ",
];
/// Small enough to be hit by a short log.
const LIMITS: Limits = Limits {
    messages: 8,
    message_bytes: 64 * 1024,
    refusals: 8,
    refusal_bytes: 32 * 1024,
    sessions: 4,
    line_bytes: 2_000,
    deliveries: 20,
    // Everything is parked at once.
    idle_seconds: 0,
};

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

/// Each line behind each tag, as a whole and without the header that a line of a real log has.
fn dialect_of(tags: &[&str], bytes: &[u8]) {
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    for raw in lines(bytes) {
        let behind = reader.read(raw).map(|line| line.message);
        for message in [Some(raw), behind].into_iter().flatten() {
            for tag in tags {
                let line = LogLine {
                    at: model::time::Micros(0),
                    host: b"mail1",
                    tag: tag.as_bytes(),
                    pid: Some(1),
                    message,
                    raw,
                };
                // Printing it looks at every field.
                let _ = format!("{:?}", dialect::read(&line));
            }
        }
    }
}

fn headers(bytes: &[u8]) {
    let reference = model::time::Micros(1_795_296_618_000_000);
    let mut readers = [
        HeaderReader::from_year(2026, TimeZone::UTC),
        HeaderReader::not_after(reference, TimeZone::fixed(jiff::tz::offset(2))),
    ];
    for raw in lines(bytes) {
        for reader in &mut readers {
            if let Some(line) = reader.read(raw) {
                let _ = (line.program(), line.instance());
            }
        }
    }
}

/// The first byte of a line says what to do before it: its low bits choose a header, its high ones drain, or save and resume.
fn correlator(bytes: &[u8]) {
    let mut reader = HeaderReader::from_year(2026, TimeZone::UTC);
    let mut correlator = Correlator::new(LIMITS, Knowledge::default());
    // Parking in every second run: the other one forgets.
    let is_parking = bytes.len().is_multiple_of(2);
    if is_parking {
        correlator.keep_parked([]);
    }
    let mut kept: Vec<Parked> = Vec::new();
    for raw in lines(bytes) {
        let Some((selector, rest)) = raw.split_first() else {
            continue;
        };
        let head = HEADS.get(usize::from(selector & 15));
        let line = match head {
            Some(head) if !selector.is_ascii_alphanumeric() => [head.as_bytes(), rest].concat(),
            _ => raw.to_vec(),
        };
        match selector >> 4 {
            8 | 9 => kept.extend(correlator.take_changed().parked),
            10 => kept.extend(correlator.take_closed().parked),
            11 => {
                let saved = postcard::to_stdvec(&correlator).expect("a state can be written out");
                correlator = postcard::from_bytes(&saved).expect("and read back");
                correlator.resume(LIMITS, Knowledge::default());
                if is_parking {
                    let keys = kept
                        .iter()
                        .flat_map(|mail| mail.keys.iter().map(|key| (*key, mail.until)));
                    correlator.keep_parked(keys);
                }
            }
            // Bytes that came from elsewhere.
            12 => drop(correlator.unpark(0, [rest])),
            _ => {}
        }
        let Some(line) = reader.read(&line) else { continue };
        while let Err(key) = correlator.try_feed(&line) {
            let (asked, others) = kept
                .into_iter()
                .partition(|mail: &Parked| mail.keys.contains(&key));
            kept = others;
            let asked: Vec<Parked> = asked;
            let taken = correlator.unpark(key, asked.iter().map(|mail| mail.bytes.as_slice()));
            assert!(taken.iter().all(Result::is_ok), "what was parked can be read");
        }
    }
    let _ = correlator.take_closed();
    let _ = correlator.take_changed();
    for record in correlator.finish().records {
        let _ = format!("{record:?}");
    }
}
