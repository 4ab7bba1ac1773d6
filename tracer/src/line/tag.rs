//! The syslog tag: `mx1/smtpd[1247]: message` into tag, process id and message.
//!
//! Some writers leave the process id or the colon out, and Solaris and AIX put facility and level between host, tag and text:
//!
//! ```text
//! mx1/smtpd[1247]: connect from ...
//! dovecot: imap-login: Login: ...
//! sendmail[1247] message
//! sm-mta[1247]: [ID 801593 mail.info] message
//! mail:info sendmail[1247]: message
//! last message repeated 3 times
//! ```

/// The tag of a line that no program wrote but syslogd itself.
pub(crate) const SYSLOGD: &[u8] = b"syslogd";

/// What Solaris' mark in front of a message begins with.
pub(super) const SOLARIS: &[u8] = b"[ID ";

/// Longest tag that is looked for.
const LONGEST: usize = 200;

pub(super) fn split(rest: &[u8]) -> Option<(&[u8], Option<u32>, &[u8])> {
    let end = rest
        .iter()
        .take(LONGEST)
        .position(|byte| matches!(byte, b'[' | b':' | b' '))?;
    let tag = &rest[..end];
    if tag.is_empty() {
        return None;
    }
    match rest[end] {
        b'[' => {
            let close = memchr::memchr(b']', &rest[end..rest.len().min(end + 16)])? + end;
            let pid = std::str::from_utf8(&rest[end + 1..close]).ok()?.parse().ok();
            let after = &rest[close + 1..];
            let after = after.strip_prefix(b":").unwrap_or(after);
            Some((tag, pid, text(after.strip_prefix(b" ")?)))
        }
        b':' => {
            let after = &rest[end + 1..];
            if after.first() != Some(&b' ') {
                return facility(rest);
            }
            Some((tag, None, text(&after[1..])))
        }
        _ if rest.starts_with(b"last message repeated ") => Some((SYSLOGD, None, rest)),
        _ => Some((tag, None, &rest[end + 1..])),
    }
}

/// Solaris' `[ID 801593 mail.info] ` in front of the text.
fn text(message: &[u8]) -> &[u8] {
    if !message.starts_with(SOLARIS) {
        return message;
    }
    memchr::memmem::find(&message[..message.len().min(60)], b"] ").map_or(message, |end| &message[end + 2..])
}

/// AIX' `mail:info ` in front of the tag; also a tag whose text follows the colon at once.
fn facility(rest: &[u8]) -> Option<(&[u8], Option<u32>, &[u8])> {
    if let Some(after) = rest.strip_prefix(b"mail:") {
        let space = after.iter().take(8).position(|byte| *byte == b' ')?;
        return split(&after[space + 1..]);
    }
    let colon = memchr::memchr(b':', rest)?;
    Some((&rest[..colon], None, &rest[colon + 1..]))
}
