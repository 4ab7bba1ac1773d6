//! Postfix under a tag without its daemon: RFC 5424's APP-NAME is often cut at the slash (rsyslog's `%programname%`), so that `mx1/smtpd` and
//! `mx1/qmgr` are both `mx1`, and `postfix/smtpd` is `postfix`.
//!
//! ```text
//! <22>1 2026-11-21T21:30:08.744254+00:00 mail1 mx1 1229 - -  connect from mail30.shop.test[203.0.113.30]
//! <22>1 2026-11-21T21:30:09.105731+00:00 mail1 mx1 897 - -  4jX53G22rQz1Wbb5: removed
//! ```
//!
//! Goes in: tag, process id and text. Comes out: the tag with the daemon that writes such a line. A tag counts as Postfix's only after a line
//! that no other program writes; after that, what nobody can be named for is `mx1/postfix`'s.

use crate::dialect::field::{is_queue_id, queue_id};

use super::LogLine;

/// Instances of Postfix in one source, at most.
const MOST: usize = 32;

/// What is remembered between lines: the instances, and which process of each is the queue manager.
#[derive(Clone, Debug, Default)]
pub(super) struct Instances {
    known: Vec<(Vec<u8>, Option<u32>)>,
    /// The last whole tag.
    tag: Vec<u8>,
}

impl Instances {
    /// Names the daemon, if the line is Postfix's.
    pub(super) fn restore<'a>(&'a mut self, line: &mut LogLine<'a>) {
        let position = self.known.iter().position(|(tag, _)| tag == line.tag);
        let Some(mut daemon) = daemon(line.message).or_else(|| position.map(|_| "postfix")) else {
            return;
        };
        let position = match position {
            Some(position) => position,
            None if is_only_postfix(line.message) && self.known.len() < MOST => {
                self.known.push((line.tag.to_vec(), None));
                self.known.len() - 1
            }
            None if line.tag == b"postfix" && self.known.len() < MOST => {
                self.known.push((line.tag.to_vec(), None));
                self.known.len() - 1
            }
            None => return,
        };
        // `ID: removed` is what qmgr and postsuper say alike; the former's process has said more.
        if daemon == "qmgr" {
            let manager = &mut self.known[position].1;
            if !line.message.ends_with(b": removed") {
                *manager = line.pid;
            } else if manager.is_some_and(|manager| Some(manager) != line.pid) {
                daemon = "postsuper";
            }
        }
        self.tag.clear();
        self.tag.extend_from_slice(line.tag);
        self.tag.push(b'/');
        self.tag.extend_from_slice(daemon.as_bytes());
        line.tag = &self.tag;
    }
}

/// Programs that have a dialect of their own under a tag without a slash.
pub(super) fn is_other_program(tag: &[u8]) -> bool {
    tag.starts_with(b"sm-")
        || tag.starts_with(b"qmail-")
        || matches!(
            tag,
            b"amavis"
                | b"amavisd"
                | b"dovecot"
                | b"rspamd"
                | b"postgrey"
                | b"opendkim"
                | b"opendmarc"
                | b"spamd"
                | b"clamd"
                | b"policyd-spf"
                | b"exim"
                | b"exim4"
                | b"sendmail"
                | b"MTA"
                | b"MSP"
                | b"smtpd"
                | b"qmail"
        )
}

/// Whether no other program writes such a line.
fn is_only_postfix(message: &[u8]) -> bool {
    if let Some((_, rest)) = queue_id(message) {
        return (rest.starts_with(b"client=") && rest.contains(&b'['))
            || (rest.starts_with(b"from=<") && memchr::memmem::find(rest, b">, size=").is_some())
            || (rest.starts_with(b"to=<") && memchr::memmem::find(rest, b">, relay=").is_some());
    }
    let client = message
        .strip_prefix(b"connect from ")
        .or_else(|| message.strip_prefix(b"CONNECT from "));
    client.is_some_and(|client| {
        let close = memchr::memchr(b']', client);
        memchr::memchr(b' ', client).is_none_or(|space| close.is_some_and(|close| close < space))
            && close.is_some()
    })
}

/// The daemon that writes such a line; smtp(8)'s relatives are told by the relay and the answer.
fn daemon(message: &[u8]) -> Option<&'static str> {
    if let Some((_, rest)) = queue_id(message) {
        return with_queue_id(rest);
    }
    let starts = |words: &[&[u8]]| words.iter().any(|word| message.starts_with(word));
    if let Some(rest) = message.strip_prefix(b"NOQUEUE: ") {
        let is_postscreen = memchr::memmem::find(rest, b" from [")
            .is_some_and(|at| memchr::memchr_iter(b' ', &rest[..at]).count() <= 1);
        return Some(if is_postscreen { "postscreen" } else { "smtpd" });
    }
    if let Some(warning) = message.strip_prefix(b"warning: ") {
        return match queue_id(warning) {
            Some((_, rest)) if rest.starts_with(b"message rejected: ") => Some("cleanup"),
            Some((_, rest)) if rest.starts_with(b"queue file size limit") => Some("smtpd"),
            _ => None,
        };
    }
    if starts(&[
        b"connect from ",
        b"disconnect from ",
        b"lost connection after ",
        b"timeout after ",
        b"proxy-accept: ",
        b"proxy-reject: ",
        b"improper command pipelining",
        b"too many errors after",
    ]) {
        return Some("smtpd");
    }
    if starts(&[
        b"CONNECT from ",
        b"DISCONNECT ",
        b"PASS ",
        b"ALLOWLISTED ",
        b"WHITELISTED ",
        b"DENYLISTED ",
        b"BLACKLISTED ",
        b"PREGREET ",
        b"HANGUP ",
        b"DNSBL ",
        b"NON-SMTP COMMAND ",
        b"COMMAND ",
        b"BARE NEWLINE ",
    ]) {
        return Some("postscreen");
    }
    let words = &message[..message.len().min(60)];
    if memchr::memmem::find(words, b" TLS connection established from ").is_some() {
        return Some("smtpd");
    }
    if memchr::memmem::find(words, b" TLS connection established to ").is_some() || starts(&[b"connect to "])
    {
        return Some("smtp");
    }
    starts(&[b"statistics: "]).then_some("anvil")
}

fn with_queue_id(rest: &[u8]) -> Option<&'static str> {
    let starts = |words: &[&[u8]]| words.iter().any(|word| rest.starts_with(word));
    match rest {
        b"removed" => return Some("qmgr"),
        b"requeued" | b"placed on hold" | b"released from hold" => return Some("postsuper"),
        _ => {}
    }
    if rest.starts_with(b"to=<") {
        return Some(agent(rest));
    }
    if starts(&[b"client="]) {
        return Some("smtpd");
    }
    if starts(&[b"from=<"]) {
        return Some("qmgr");
    }
    if starts(&[b"uid="]) {
        return Some("pickup");
    }
    if starts(&[b"sender ", b"postmaster "]) {
        return Some("bounce");
    }
    if starts(&[
        b"host ",
        b"lost connection with ",
        b"conversation with ",
        b"enabling PIX",
    ]) {
        return Some("smtp");
    }
    if starts(&[b"message-id=", b"resent-message-id="]) {
        return Some("cleanup");
    }
    // Checks: what names a header, a body or the end of a message is cleanup's, the rest the smtp server's.
    let (action, what) = rest.split_at(memchr::memmem::find(rest, b": ")?);
    let is_cleanup = [&b": header "[..], b": body ", b": END-OF-MESSAGE"]
        .iter()
        .any(|part| what.starts_with(part));
    let is_action = matches!(
        action,
        b"reject"
            | b"warning"
            | b"info"
            | b"hold"
            | b"discard"
            | b"filter"
            | b"redirect"
            | b"replace"
            | b"prepend"
            | b"strip"
            | b"bcc"
            | b"milter-reject"
            | b"milter-hold"
            | b"milter-discard"
            | b"pass"
            | b"warn"
    );
    is_action.then_some(if is_cleanup { "cleanup" } else { "smtpd" })
}

/// Which delivery agent says `to=<..>, relay=..`.
fn agent(rest: &[u8]) -> &'static str {
    let Some(relay) = memchr::memmem::find(rest, b">, relay=").map(|at| &rest[at + 9..]) else {
        return "smtp";
    };
    let relay = &relay[..memchr::memmem::find(relay, b", ").unwrap_or(relay.len())];
    let status = memchr::memmem::find(rest, b", status=").map_or(&b""[..], |at| &rest[at + 9..]);
    match relay {
        b"local" => return "local",
        b"virtual" => return "virtual",
        b"none" if status.starts_with(b"sent ") => return "discard",
        b"none" => return "smtp",
        _ => {}
    }
    let Some(open) = memchr::memchr(b'[', relay) else {
        return "pipe";
    };
    let place = &relay[open..];
    let is_socket = memchr::memchr(b'/', place).is_some();
    let lmtp_answer = status.strip_suffix(b" Saved)").is_some_and(|answer| {
        // `250 2.0.0 <user> SESSION Saved` is Dovecot's LMTP server.
        answer.starts_with(b"sent (250 2.0.0 <") && !is_queue_id(answer)
    });
    if is_socket || place.ends_with(b"]:24") || lmtp_answer {
        return "lmtp";
    }
    "smtp"
}
