//! Exim's own files: main log, reject log, panic log.
//!
//! ```text
//! 2026-11-21 21:30:08 1xUsgn-00002f-1r Completed
//! 2026-11-21 21:30:08.123 +0200 [1247] 1xUsgn-00002f-1r Completed     (log selectors `millisec` and `pid`, option `log_timezone`)
//! ```
//!
//! Under a refused message the reject log has its envelope and header lines, without a time of their own. The recipients are handed on:
//!
//! ```text
//! 2026-11-21 21:30:08 1xUsgn-00002f-1r H=mail.far.test [198.51.100.7] F=<a@far.test> rejected after DATA: spam
//! Envelope-from: <a@far.test>
//! Envelope-to: <b@isp.test>
//!     <c@isp.test>
//! P Received: from mail.far.test ...
//!         by mx1.isp.test ...
//! ```

use model::time::Micros;

use super::{LogLine, split_once};

/// The tag of such lines.
const TAG: &[u8] = b"exim";

/// Process id and statement behind the time; `None` when it is a syslog line that has its time in this form.
pub(super) fn own(rest: &[u8]) -> Option<(&'static [u8], Option<u32>, &[u8])> {
    if is_syslog(rest) {
        return None;
    }
    let with_pid = rest
        .strip_prefix(b"[")
        .and_then(|inner| split_once(inner, b']'))
        .and_then(|(digits, after)| {
            let pid: u32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
            Some((pid, after.strip_prefix(b" ")?))
        });
    Some(match with_pid {
        Some((pid, message)) => (TAG, Some(pid), message),
        None => (TAG, None, rest),
    })
}

/// `mail1 exim[1247]: text` or `mail1 dovecot: text`: host and tag. Exim's own statements do not look like that.
fn is_syslog(rest: &[u8]) -> bool {
    const WITHOUT_PID: [&[u8]; 10] = [
        b"amavis",
        b"dovecot",
        b"exim",
        b"opendkim",
        b"opendmarc",
        b"postgrey",
        b"qmail",
        b"rspamd",
        b"sendmail",
        b"spamd",
    ];
    let Some((host, after)) = split_once(&rest[..rest.len().min(300)], b' ') else {
        return false;
    };
    let is_host = host
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':'));
    let end = after
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.'))
        .count();
    let (tag, after) = after.split_at(end);
    match after {
        _ if !is_host || tag.is_empty() => false,
        [b'[', pid @ ..] => {
            let digits = pid.iter().take_while(|byte| byte.is_ascii_digit()).count();
            digits > 0 && pid[digits..].starts_with(b"]:")
        }
        [b':', b' ', ..] => WITHOUT_PID.contains(&tag),
        _ => false,
    }
}

/// Where one stands in a reject log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rejects {
    /// Time and process id of the last line that had a time.
    last: Option<(Micros, Option<u32>)>,
    /// The line before was one of `Envelope-to:`.
    in_recipients: bool,
    /// Lines without a time follow: envelope and headers of a refused message.
    in_message: bool,
}

impl Rejects {
    pub(super) const fn new() -> Self {
        Self {
            last: None,
            in_recipients: false,
            in_message: false,
        }
    }

    /// After a line with a header.
    pub(super) fn header(&mut self, line: &LogLine<'_>) {
        if self.in_message || (line.tag == TAG && line.host == b"-") {
            *self = Self {
                last: (line.tag == TAG).then_some((line.at, line.pid)),
                ..Self::new()
            };
        }
    }

    /// Whether a line belongs to a refused message whatever it looks like: a sender wrote its headers.
    pub(super) fn holds(&mut self, raw: &[u8]) -> bool {
        if self.last.is_some() && raw.starts_with(b"Envelope-from: <") {
            self.in_message = true;
        }
        // A mark and a space stand before each header, what goes on is indented.
        self.in_message
            && (raw.starts_with(b"Envelope-")
                || matches!(raw, [b' ' | b'\t', ..] | [b'*' | b'A'..=b'Z', b' ', ..] | []))
    }

    /// The recipient on such a line.
    pub(super) fn recipient<'a>(&mut self, raw: &'a [u8]) -> Option<LogLine<'a>> {
        let (at, pid) = self.last?;
        self.in_recipients =
            raw.starts_with(b"Envelope-to: <") || (self.in_recipients && raw.starts_with(b"    <"));
        self.in_recipients.then_some(LogLine {
            at,
            host: b"-",
            tag: TAG,
            pid,
            message: raw,
            raw,
        })
    }
}
