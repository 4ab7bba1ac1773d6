//! Files that a mail program writes itself, without syslog: no host, and the program is known by how its lines look.
//!
//! ```text
//! 2026-11-21 21:30:08 #489(normal) <747296>; task; rspamd_task_write_log: id: <1@s.test>, ...
//! Nov 21 21:30:08 imap-login: Info: Login: user=<anna@isp.test>, method=PLAIN, ...
//! Nov 21 21:30:08 lmtp(20937): Info: Connect from local
//! 2026-11-21 21:30:08 1xUsgn-00002f-1r Completed
//! 2026-11-21 21:30:08.679007500 new msg 10567693
//! @400000006b020cdd2878d50c new msg 10567693
//! ```

use model::time::Micros;

use super::{LogLine, exim, split_once};
use crate::dialect::qmail;

/// What stands behind the time of such a line.
pub(super) struct Own<'a> {
    tag: &'static [u8],
    pid: Option<u32>,
    message: &'a [u8],
}

impl<'a> Own<'a> {
    pub(super) const fn line(&self, at: Micros, raw: &'a [u8]) -> LogLine<'a> {
        LogLine {
            at,
            host: b"-",
            tag: self.tag,
            pid: self.pid,
            message: self.message,
            raw,
        }
    }
}

/// The dispatch over programs; `rest` is what follows the time. A program's lines are told by more than their first byte, because ordinary
/// syslog lines come here too. `is_spaced`: the time is of the form that Exim writes.
pub(super) fn read(rest: &[u8], is_spaced: bool) -> Option<Own<'_>> {
    let known = match rest.first()? {
        b'#' => return rspamd(rest),
        b'a'..=b'z' if is_spaced => dovecot(rest).or_else(|| of_qmail(rest)),
        b'a'..=b'z' => dovecot(rest),
        b'C' if is_spaced => of_qmail(rest),
        _ => None,
    };
    known.or_else(|| {
        exim::own(rest)
            .filter(|_| is_spaced)
            .map(|(tag, pid, message)| Own { tag, pid, message })
    })
}

/// The text behind a TAI64N label; only programs of qmail's are known there.
pub(super) fn multilog(rest: &[u8]) -> Own<'_> {
    of_qmail(rest).unwrap_or(Own {
        tag: b"multilog",
        pid: None,
        message: rest,
    })
}

/// `new msg 10567693`, `tcpserver: status: 0/40`: multilog names no program, the statement does.
fn of_qmail(rest: &[u8]) -> Option<Own<'_>> {
    qmail::program(rest).map(|tag| Own {
        tag,
        pid: None,
        message: rest,
    })
}

/// `#489(normal) <747296>; task; ...`
fn rspamd(rest: &[u8]) -> Option<Own<'_>> {
    let (process, message) = split_once(rest, b' ')?;
    let (pid, name) = split_once(process.strip_prefix(b"#")?, b'(')?;
    name.ends_with(b")").then_some(())?;
    Some(Own {
        tag: b"rspamd",
        pid: std::str::from_utf8(pid).ok()?.parse().ok(),
        message,
    })
}

/// `imap-login: Info: ...`, `lmtp(20937): Info: ...` (Dovecot's `log_path`).
fn dovecot(rest: &[u8]) -> Option<Own<'_>> {
    let colon = memchr::memchr(b':', rest)?;
    let after = rest.get(colon + 1..)?;
    let level = [
        &b" Info: "[..],
        b" Warning: ",
        b" Error: ",
        b" Fatal: ",
        b" Panic: ",
        b" Debug: ",
    ];
    level.iter().any(|level| after.starts_with(level)).then_some(Own {
        tag: b"dovecot",
        pid: None,
        message: rest,
    })
}
