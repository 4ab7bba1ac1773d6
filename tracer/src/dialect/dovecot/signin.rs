//! Who signed in, by which service, and how it ended.
//!
//! ```text
//! imap-login: Login: user=<anna@isp.test>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40, mpid=1522, TLS, session=<+E9rFNBgzY/AAAJo>
//! imap-login: Disconnected: Aborted login by logging out (auth failed, 1 attempts in 1 secs): user=<anna@isp.test>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40, session=<+E9r>
//! pop3-login: Aborted login (auth failed, 1 attempts): user=<anna>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40
//! imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 16 secs) (auth_failed): user=<anna>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40, TLS
//! imap(anna@isp.test)<1522><+E9rFNBgzY/AAAJo>: Disconnected: Logged out in=84 out=1152 deleted=0 expunged=0 trashed=0 hdr_count=0 ...
//! imap(anna@isp.test)<1522><+E9rFNBgzY/AAAJo>: Connection closed (UID FETCH finished 0.1 secs ago) in=84 out=1152
//! pop3(anna@isp.test)<1523><S>: Disconnected: Logged out top=0/0, retr=1/1024, del=0/3, size=20480
//! IMAP(anna): Disconnected: Logged out bytes=59/566                                             (1.x)
//! ```
//!
//! A connection that ended without an attempt to sign in is known and no event.

use crate::dialect::field::{ip, number};
use crate::event::{Event, SignInLine, SignOutLine};

use super::Head;

/// A line of a `...-login` service.
pub(super) fn login<'a>(service: &'a [u8], text: &'a [u8]) -> Option<Event<'a>> {
    let (what, fields) = split_fields(text)?;
    let is_accepted = what == b"Login";
    let has = |words: &[u8]| memchr::memmem::find(what, words).is_some();
    let is_refused = !is_accepted
        && (has(b"auth failed")
            || has(b"tried to use dis")
            || has(b"authentication attempts")
            || has(b"auth_failed"));
    if !is_accepted && !is_refused {
        return None;
    }
    let mut line = SignInLine {
        service: service.strip_suffix(b"-login").unwrap_or(service),
        user: b"",
        method: b"",
        client_ip: None,
        has_tls: false,
        session: None,
        is_accepted,
        reason: if is_accepted { b"" } else { what },
    };
    let mut rest = fields;
    // The user's name is a stranger's text and comes first: it ends at the last `>, ` in front of a field that no name can forge.
    if let Some(user) = rest.strip_prefix(b"user=<") {
        let end = [&b">, method="[..], b">, rip="]
            .iter()
            .filter_map(|mark| memchr::memmem::rfind(user, mark))
            .max()?;
        line.user = &user[..end];
        rest = &user[end + 1..];
    }
    for field in rest.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
        if let Some(value) = field.strip_prefix(b"method=") {
            line.method = value;
        } else if let Some(value) = field.strip_prefix(b"rip=") {
            line.client_ip = ip(value).map(|ip| ip.to_canonical());
        } else if let Some(value) = field.strip_prefix(b"session=<") {
            line.session = value.strip_suffix(b">");
        } else if field == b"TLS" || field.starts_with(b"TLS: ") || field.starts_with(b"TLSv") {
            line.has_tls = true;
        }
    }
    Some(Event::SignIn(line))
}

/// `what: user=<...>, ...`; the reason of a broken connection may hold colons.
fn split_fields(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = [&b": user=<"[..], b": method=", b": rip="]
        .iter()
        .filter_map(|mark| memchr::memmem::find(text, mark))
        .min()?;
    Some((&text[..at], &text[at + 2..]))
}

/// The end of a session.
pub(super) fn end<'a>(head: &Head<'a>, text: &'a [u8]) -> Option<Event<'a>> {
    let is_end = [
        &b"Disconnected"[..],
        b"Logged out",
        b"Connection closed",
        b"Client has quit",
        b"Remote closed",
    ]
    .iter()
    .any(|words| text.starts_with(words));
    if !is_end {
        return None;
    }
    let value = |name: &[u8]| {
        let at = memchr::memmem::rfind(text, name)? + name.len();
        let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        number(&text[at..at + digits])
    };
    // 1.x: `bytes=59/566`; POP3: `retr=1/1024` is messages and bytes.
    let pair = |name: &[u8]| -> Option<(u64, u64)> {
        let at = memchr::memmem::rfind(text, name)? + name.len();
        let end = text[at..]
            .iter()
            .position(|byte| !(byte.is_ascii_digit() || *byte == b'/'))
            .map_or(text.len(), |end| at + end);
        let slash = memchr::memchr(b'/', &text[at..end])? + at;
        Some((number(&text[at..slash])?, number(&text[slash + 1..end])?))
    };
    let bytes = pair(b" bytes=");
    Some(Event::SignOut(SignOutLine {
        service: head.service,
        user: head.user,
        session: head.session,
        bytes_in: value(b" in=").or(bytes.map(|(read, _)| read)),
        bytes_out: value(b" out=")
            .or(bytes.map(|(_, written)| written))
            .or(pair(b" retr=").map(|(_, read)| read)),
    }))
}

#[cfg(test)]
mod tests {
    use crate::dialect::dovecot::read;
    use crate::event::{Event, Reading};

    #[test]
    fn sign_ins_are_read_in_all_their_forms() {
        for (line, accepted, service, user, tls) in [
            (
                "imap-login: Login: user=<anna@isp.test>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40, mpid=1522, TLS, session=<+E9r>",
                true,
                "imap",
                "anna@isp.test",
                true,
            ),
            (
                "imap-login: Info: Login: user=<anna>, method=PLAIN, rip=::ffff:192.0.2.104, lip=192.0.2.40",
                true,
                "imap",
                "anna",
                false,
            ),
            (
                "Info: pop3-login: Login: user=<anna>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40",
                true,
                "pop3",
                "anna",
                false,
            ),
            (
                "pop3-login: Disconnected: Inactivity (auth failed, 1 attempts): user=<info>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40",
                false,
                "pop3",
                "info",
                false,
            ),
            (
                "imap-login: Disconnected (auth failed, 1 attempts): method=PLAIN, rip=192.0.2.104, lip=192.0.2.40, TLS: Disconnected",
                false,
                "imap",
                "",
                true,
            ),
            (
                "imap-login: Disconnected (auth failed, 1 attempts): user=<x>, rip=9.9.9.9, lip=1>, method=PLAIN, rip=192.0.2.104, lip=192.0.2.40",
                false,
                "imap",
                "x>, rip=9.9.9.9, lip=1",
                false,
            ),
            (
                "managesieve-login: Login aborted: Logged out (auth failed, 1 attempts in 10 secs) (auth_failed): user=<u@d>, method=PLAIN, rip=192.0.2.104, lip=203.0.113.104, TLS, session=<D>",
                false,
                "managesieve",
                "u@d",
                true,
            ),
        ] {
            let Reading::Event(Event::SignIn(found)) = read(line.as_bytes()) else {
                panic!("{line}");
            };
            assert_eq!(found.is_accepted, accepted, "{line}");
            assert_eq!(found.service, service.as_bytes(), "{line}");
            assert_eq!(found.user, user.as_bytes(), "{line}");
            assert_eq!(found.has_tls, tls, "{line}");
            assert_eq!(
                found.client_ip.map(|ip| ip.to_string()).as_deref(),
                Some("192.0.2.104"),
                "{line}"
            );
        }
        for line in [
            "imap-login: Disconnected (no auth attempts in 4 secs): user=<>, rip=192.0.2.7, lip=192.0.2.1, TLS handshaking: SSL_accept() failed",
            "auth: passwd-file(anna,192.0.2.1): unknown user",
        ] {
            assert_eq!(read(line.as_bytes()), Reading::Known, "{line}");
        }
    }

    #[test]
    fn the_end_of_a_session_counts_bytes() {
        for (line, bytes) in [
            (
                "imap(anna@isp.test)<1522><+E9r>: Disconnected: Logged out in=84 out=1152 deleted=0 expunged=0",
                (Some(84), Some(1152)),
            ),
            (
                "imap(anna)<1><S>: Connection closed (IDLE running for 0.001 secs) in=3 out=4",
                (Some(3), Some(4)),
            ),
            (
                "pop3(anna)<1><S>: Disconnected: Logged out top=0/0, retr=1/1024, del=0/3, size=20480",
                (None, Some(1024)),
            ),
            (
                "IMAP(anna): Disconnected: Logged out bytes=59/566",
                (Some(59), Some(566)),
            ),
        ] {
            let Reading::Event(Event::SignOut(found)) = read(line.as_bytes()) else {
                panic!("{line}");
            };
            assert_eq!((found.bytes_in, found.bytes_out), bytes, "{line}");
        }
    }
}
