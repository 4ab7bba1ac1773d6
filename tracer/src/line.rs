//! A log line taken apart: when, where, which program, and what it said.
//!
//! Goes in: the bytes of one line without its end. Comes out: a [`LogLine`] that borrows from them, or `None` for a line without a header that
//! we know. It reads no clock: the year of a classic header comes from [`HeaderReader`]'s reference moment and the order of the lines.
//!
//! Forms understood, each in its module; any two of them on one line are a header around a header, and the inner one says who spoke:
//! - `stamp`: what a header begins with. Classic (RFC 3164) `Nov 21 21:30:08`, also with year, fraction or zone; ISO 8601 with `T` or a space
//! - [`syslog`](self): `STAMP mail1 mx1/smtpd[1247]: connect from ...`, behind a priority `<22>` or not
//! - `rfc5424`: `<22>1 2026-11-21T21:30:08.744254+00:00 mail1 mx1/smtpd 1247 - - connect from ...`
//! - `json`: a line of `journalctl -o json`, of Docker's json-file driver or of a shipper is an object
//! - `wrapped`: what containers put in front, `2026-..Z stdout F `, `mailserver-1  | `, `[pod/mail-0/postfix] `
//! - `own`: files that a program writes itself, which name neither host nor program; `exim` has Exim's, `tai64` multilog's time stamps

use jiff::tz::TimeZone;
use model::time::Micros;

mod cut;
mod exim;
mod json;
mod own;
mod rfc5424;
mod stamp;
mod tag;
mod tai64;
mod usual;
mod wrapped;

use stamp::{Clock, Stamp, is_stamp};
pub(crate) use tag::SYSLOGD;

/// One line with its header understood. Everything borrows from the line, or from the reader when the line had to be rewritten (JSON).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// The line's own time.
    pub at: Micros,
    /// The host name in the header; `-` when the header has none.
    pub host: &'a [u8],
    /// The syslog tag without the process id: `mx1/10025/smtpd`, `amavis`.
    pub tag: &'a [u8],
    /// The process id, when the tag carries one.
    pub pid: Option<u32>,
    /// What the program said.
    pub message: &'a [u8],
    /// The whole line; for JSON the same statement as a line of text.
    pub raw: &'a [u8],
}

impl<'a> LogLine<'a> {
    /// The program's own name: the last part of the tag (`smtpd` of `mx1/10025/smtpd`).
    pub fn program(&self) -> &'a [u8] {
        memchr::memrchr(b'/', self.tag).map_or(self.tag, |slash| &self.tag[slash + 1..])
    }

    /// The instance: the first part of a tag with several (`mx1` of `mx1/10025/smtpd`), else the empty slice.
    pub fn instance(&self) -> &'a [u8] {
        memchr::memchr(b'/', self.tag).map_or(&[], |slash| &self.tag[..slash])
    }
}

/// Reads headers of one source; keeps what the next line needs: the year and the time zone of classic headers.
#[derive(Clone, Debug)]
pub struct HeaderReader {
    clock: Clock,
    /// What the last lines began with.
    usual: usual::Usual,
    /// Where a JSON object is written out as a line of text.
    rewritten: Vec<u8>,
    /// Exim's reject log has lines without a header.
    rejects: exim::Rejects,
    /// Instances of Postfix whose tags come without the daemon.
    instances: cut::Instances,
}

impl HeaderReader {
    /// A reader whose classic headers lie in `zone` and not later than a day after `reference`.
    pub fn not_after(reference: Micros, zone: TimeZone) -> Self {
        Self {
            clock: Clock::not_after(reference, zone),
            rewritten: Vec::new(),
            usual: usual::Usual::default(),
            rejects: exim::Rejects::new(),
            instances: cut::Instances::default(),
        }
    }

    /// A reader whose first classic header lies in `year`.
    pub fn from_year(year: i16, zone: TimeZone) -> Self {
        Self {
            clock: Clock::from_year(year, zone),
            rewritten: Vec::new(),
            usual: usual::Usual::default(),
            rejects: exim::Rejects::new(),
            instances: cut::Instances::default(),
        }
    }

    /// Moves the reference moment on: a followed file's lines are never much younger than now.
    pub const fn set_reference(&mut self, reference: Micros) {
        self.clock.set_reference(reference);
    }

    /// Takes a line apart; `None` when it has no header that we know.
    pub fn read<'a>(&'a mut self, raw: &'a [u8]) -> Option<LogLine<'a>> {
        let Self {
            clock,
            rewritten,
            instances,
            rejects,
            usual,
        } = self;
        let body = skip_priority(raw);
        if let Some(line) = usual.read(body, raw) {
            rejects.header(&line);
            return Some(line);
        }
        if !body.first().is_some_and(u8::is_ascii_digit) && rejects.holds(raw) {
            return rejects.recipient(raw);
        }
        let is_json = body.first() == Some(&b'{');
        let mut line = if is_json {
            json::rewrite(body, rewritten)?;
            header(clock, rewritten, 0)?
        } else {
            let mut line = header(clock, body, 0)?;
            usual.learn(body, &line);
            line.raw = raw;
            line
        };
        // `1 `: RFC 5424.
        if is_json || line.tag == b"postfix" || body.get(1) == Some(&b' ') {
            cut_tag(instances, &mut line);
        }
        rejects.header(&line);
        Some(line)
    }
}

/// A tag without a slash may be Postfix's, cut at it.
#[inline(never)]
fn cut_tag<'a>(instances: &'a mut cut::Instances, line: &mut LogLine<'a>) {
    if memchr::memchr(b'/', line.tag).is_none() && !cut::is_other_program(line.tag) {
        instances.restore(line);
    }
}

/// Headers around a header that are followed inwards.
const DEEPEST: u8 = 3;

/// The dispatch: what the first byte says of the form.
fn header<'a>(clock: &mut Clock, body: &'a [u8], depth: u8) -> Option<LogLine<'a>> {
    let stamp = match body.first()? {
        b'A'..=b'Z' => clock.classic(body),
        b'0'..=b'9' if body.get(1) == Some(&b' ') => return rfc5424::read(clock, body, depth),
        b'0'..=b'9' => clock.numeric(body),
        b'@' => {
            let (at, rest) = tai64::label(body)?;
            return Some(own::multilog(rest).line(at, body));
        }
        _ => None,
    };
    match stamp {
        Some(stamp) => syslog(clock, &stamp, body, depth),
        None => wrapped::read(clock, body, depth),
    }
}

/// `STAMP mail1 mx1/smtpd[1247]: message`.
fn syslog<'a>(clock: &mut Clock, stamp: &Stamp<'a>, raw: &'a [u8], depth: u8) -> Option<LogLine<'a>> {
    let (host, rest) = split_once(stamp.rest, b' ')?;
    if matches!(host, b"stdout" | b"stderr") || is_stamp(stamp.rest) {
        return wrapped::after_time(clock, stamp, raw, depth);
    }
    if stamp.is_spaced || host.last() == Some(&b':') || !is_host(host) {
        if let Some(own) = own::read(stamp.rest, stamp.is_spaced) {
            return Some(own.line(stamp.at, raw));
        }
        if host.first() == Some(&b'<') {
            // FreeBSD's `syslogd -v`: `<mail.info> mail1 mx1/smtpd[1247]: ...`.
            let rest = Stamp { rest, ..*stamp };
            return syslog(clock, &rest, raw, depth + 1).filter(|_| depth == 0);
        }
    }
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let (tag, pid, message) = tag::split(rest)?;
    let line = LogLine {
        at: stamp.at,
        host,
        tag,
        pid,
        message,
        raw,
    };
    // A daemon's tag has a slash, a container's has none: only the latter carries whole lines of others.
    if is_stamp(message) && depth < DEEPEST && memchr::memchr(b'/', tag).is_none() {
        return Some(wrapped::inner(clock, &line, depth).unwrap_or(line));
    }
    (!host.is_empty()).then_some(line)
}

/// Whether a word can be a host: syslog's own marks and programs' own files have something else there.
fn is_host(word: &[u8]) -> bool {
    word.first()
        .is_some_and(|first| first.is_ascii_alphanumeric() || matches!(first, b'-' | b'_' | b':' | b'.'))
}

/// `<22>` in front of a line (RFC 3164 section 4.1.1).
fn skip_priority(raw: &[u8]) -> &[u8] {
    let Some(rest) = raw.strip_prefix(b"<") else {
        return raw;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=3).contains(&digits) && rest.get(digits) == Some(&b'>') {
        &rest[digits + 1..]
    } else {
        raw
    }
}

fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(separator, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> Micros {
        Micros(
            text.parse::<jiff::Timestamp>()
                .expect("a timestamp")
                .as_microsecond(),
        )
    }

    #[test]
    fn both_header_forms_give_the_same_parts() {
        let mut reader = HeaderReader::not_after(reference("2026-11-22T00:00:00Z"), TimeZone::UTC);
        let mut other = reader.clone();
        let classic = reader
            .read(b"Nov 21 21:30:08 mail1 mx1/10025/smtpd[1247]: connect from x[192.0.2.1]")
            .expect("classic");
        let iso = other
            .read(b"2026-11-21T23:30:08.744254+02:00 mail1 mx1/10025/smtpd[1247]: connect from x[192.0.2.1]")
            .expect("iso");
        assert_eq!(classic.at, reference("2026-11-21T21:30:08Z"));
        assert_eq!(iso.at, reference("2026-11-21T21:30:08.744254Z"));
        assert_eq!(
            (classic.host, classic.tag, classic.pid, classic.message),
            (iso.host, iso.tag, iso.pid, iso.message)
        );
        assert_eq!(
            (classic.instance(), classic.program()),
            (&b"mx1"[..], &b"smtpd"[..])
        );
    }

    #[test]
    fn a_classic_year_is_never_in_the_future_and_counts_over_new_year() {
        let mut guessed = HeaderReader::not_after(reference("2027-01-02T00:00:00Z"), TimeZone::UTC);
        assert_eq!(
            guessed.read(b"Dec 31 23:59:59 h p: x").map(|line| line.at),
            Some(reference("2026-12-31T23:59:59Z"))
        );
        assert_eq!(
            guessed.read(b"Jan  1 00:00:01 h p: x").map(|line| line.at),
            Some(reference("2027-01-01T00:00:01Z"))
        );
        let mut fixed = HeaderReader::from_year(2019, TimeZone::UTC);
        assert_eq!(
            fixed.read(b"Dec 31 23:59:59 h p: x").map(|line| line.at),
            Some(reference("2019-12-31T23:59:59Z"))
        );
        assert_eq!(
            fixed.read(b"Jan  1 00:00:01 h p: x").map(|line| line.at),
            Some(reference("2020-01-01T00:00:01Z"))
        );
        let mut leap = HeaderReader::not_after(reference("2026-11-22T00:00:00Z"), TimeZone::UTC);
        assert_eq!(
            leap.read(b"Feb 29 12:00:00 h p: x").map(|line| line.at),
            Some(reference("2024-02-29T12:00:00Z"))
        );
    }

    #[test]
    fn the_zone_of_a_classic_header_is_kept_over_daylight_saving() {
        let zone = TimeZone::get("Europe/Helsinki").expect("the zone database knows Helsinki");
        let mut reader = HeaderReader::from_year(2026, zone);
        assert_eq!(
            reader.read(b"Jul  1 12:00:00 h p: x").map(|line| line.at),
            Some(reference("2026-07-01T09:00:00Z"))
        );
        assert_eq!(
            reader.read(b"Dec  1 12:00:00 h p: x").map(|line| line.at),
            Some(reference("2026-12-01T10:00:00Z"))
        );
    }

    /// Host, tag, process id and message of a line, and its time in UTC.
    fn parts(line: &[u8]) -> Option<(String, String, String, Option<u32>, String)> {
        let zone = TimeZone::get("Europe/Helsinki").expect("the zone database knows Helsinki");
        let mut reader = HeaderReader::not_after(reference("2026-11-22T00:00:00Z"), zone);
        let line = reader.read(line)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let at = jiff::Timestamp::from_microsecond(line.at.0)
            .expect("a moment")
            .to_string();
        Some((at, text(line.host), text(line.tag), line.pid, text(line.message)))
    }

    #[test]
    fn every_form_of_a_header_gives_the_same_parts() {
        for line in [
            "Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "<22>Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 23:30:08.000000 mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 2026 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 23:30:08 2026 mail1 mx1/smtpd[1247]: connect from x",
            "2026 Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 22:30:08 CET mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 21:30:08.000 UTC: mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 17:30:08 -0400 mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 23:30:08 <mail.info> mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 23:30:08 mail1 mail:info mx1/smtpd[1247]: connect from x",
            "Nov 21 23:30:08 mail1 mx1/smtpd[1247]: [ID 197553 mail.info] connect from x",
            "2026-11-21T23:30:08+02:00 mail1 mx1/smtpd[1247]: connect from x",
            "2026-11-21T23:30:08+0200 mail1 mx1/smtpd[1247]: connect from x",
            "2026-11-21T23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "2026-11-21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "2026-11-21 23:30:08,000 mail1 mx1/smtpd[1247]: connect from x",
            "2026-11-21 21:30:08 +0000 mail1 mx1/smtpd[1247]: connect from x",
            "Sat 2026-11-21 23:30:08 EET mail1 mx1/smtpd[1247]: connect from x",
            "1795296608.000000 mail1 mx1/smtpd[1247]: connect from x",
            "<22>1 2026-11-21T21:30:08+00:00 mail1 mx1/smtpd 1247 - - connect from x",
            "<22>1 2026-11-21T21:30:08+00:00 mail1 mx1/smtpd 1247 - -  connect from x",
            "1 2026-11-21T21:30:08Z mail1 mx1/smtpd 1247 ID [a b=\"c\\\"]\"][d e=\"f]\"] \u{feff}connect from x",
            "2026-11-21T21:30:08.5Z stdout F Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "2026-11-21T21:30:08Z Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "mail-1    | Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "\u{1b}[36mmail-1  |\u{1b}[0m Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "mail-1  | 2026-11-21T21:30:08Z <22>Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "[pod/mail-0/postfix] Nov 21 23:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "Nov 21 23:30:08 srv mail-smtp[4062]: Nov 21 21:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "<30>1 2026-11-21T21:30:08Z srv mail-smtp 4062 - - Nov 21 21:30:08 mail1 mx1/smtpd[1247]: connect from x",
            "{\"__REALTIME_TIMESTAMP\":\"1795296608000000\",\"_HOSTNAME\":\"mail1\",\"SYSLOG_IDENTIFIER\":\"mx1/smtpd\",\"_PID\":\"1247\",\"MESSAGE\":\"connect from x\",\"X\":[1,{}]}",
            "{\"__REALTIME_TIMESTAMP\":\"1795296608000000\",\"_HOSTNAME\":\"mail1\",\"SYSLOG_IDENTIFIER\":\"mx1/smtpd\",\"SYSLOG_PID\":\"1247\",\"MESSAGE\":[99,111,110,110,101,99,116,32,102,114,111,109,32,120]}",
            "{\"log\":\"Nov 21 21:30:08 mail1 mx1/smtpd[1247]: connect from x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T21:30:08Z\"}",
            "{\"log\":\"mx1/smtpd[1247]: connect from x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T21:30:08Z\"}",
        ] {
            let (at, host, tag, pid, message) = parts(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            assert!(at.starts_with("2026-11-21T21:30:08"), "{at}: {line}");
            assert!(
                host == "mail1" || line.contains("\"log\":\"mx1"),
                "{host}: {line}"
            );
            assert_eq!(
                (tag.as_str(), pid, message.as_str()),
                ("mx1/smtpd", Some(1247), "connect from x"),
                "{line}"
            );
        }
    }

    #[test]
    fn days_are_padded_with_a_space_a_zero_or_nothing() {
        for line in [
            "Nov  1 12:00:00 h p: x",
            "Nov 01 12:00:00 h p: x",
            "Nov 1 12:00:00 h p: x",
        ] {
            assert_eq!(
                parts(line.as_bytes()).map(|parts| parts.0),
                Some("2026-11-01T10:00:00Z".to_owned()),
                "{line}"
            );
        }
    }

    #[test]
    fn programs_write_files_without_host_and_name() {
        for (line, tag, message) in [
            (
                "2026-11-21 21:30:08 #489(normal) <747296>; task; rspamd_task_write_log: id: <1@s.test>",
                "rspamd",
                "<747296>; task; rspamd_task_write_log: id: <1@s.test>",
            ),
            (
                "Nov 21 21:30:08 imap-login: Info: Login: user=<anna@isp.test>",
                "dovecot",
                "imap-login: Info: Login: user=<anna@isp.test>",
            ),
            (
                "Dec 15 13:15:02 srv mail-front[4062]: Dec 15 05:15:02 lmtp(20937): Info: Disconnect from 192.0.2.1",
                "dovecot",
                "lmtp(20937): Info: Disconnect from 192.0.2.1",
            ),
            (
                "2026-11-21T21:30:08Z stderr F postfix/smtpd[12]: connect from x",
                "postfix/smtpd",
                "connect from x",
            ),
            (
                "Nov 21 21:30:08 mail1 last message repeated 3 times",
                "syslogd",
                "last message repeated 3 times",
            ),
        ] {
            let (_, _, found, _, text) = parts(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found.as_str(), text.as_str()), (tag, message), "{line}");
        }
    }

    #[test]
    fn a_header_in_a_daemons_text_is_text() {
        let (_, host, tag, ..) =
            parts(b"Nov 21 23:30:08 mail1 mx1/smtpd[1]: Nov 21 23:30:08 evil mx1/qmgr[1]: A1B2C3: removed")
                .expect("a line");
        assert_eq!((host.as_str(), tag.as_str()), ("mail1", "mx1/smtpd"));
    }

    #[test]
    fn what_has_no_header_is_no_line() {
        let mut reader = HeaderReader::not_after(reference("2026-11-22T00:00:00Z"), TimeZone::UTC);
        for line in [
            &b""[..],
            b"hello",
            b"Nov 21",
            b"Nov 21 21:30:08 ",
            b"Nov 99 21:30:08 h p: x",
            b"2026-11-21 h p: x",
            b"\xff\xfe",
            b"<22>",
            b"<22><22><22>Nov 21 21:30:08 h p: x",
            b"{}",
            b"{\"log\":3}",
            b"1 2026-11-21T21:30:08Z h",
            b"a | b | c | d",
        ] {
            assert_eq!(reader.read(line), None, "{line:?}");
        }
        assert!(
            reader.read(b"<22>Nov 21 21:30:08 h postfix/qmgr[1]: x").is_some(),
            "with priority"
        );
    }
}
