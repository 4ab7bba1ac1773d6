//! Dovecot: deliveries by LMTP and LDA with Sieve here, sign-ins in `signin`.
//!
//! ```text
//! lmtp(anna@kundi.test)<1517><MDzIM5AIAmvtBQAAfQxGWQ>: msgid=<1@s.test>, from=a@shop.test, size=639: saved mail to INBOX      (2.3)
//! lmtp(1517, anna@kundi.test): MDzIM5AIAmvtBQAAfQxGWQ: msgid=<1@s.test>: saved mail to INBOX                                 (2.0 to 2.2)
//! lda(anna@kundi.test)<1517><MDzIM5>: msgid=<1@s.test>: saved mail to INBOX
//! deliver(anna@kundi.test): msgid=<1@s.test>: saved mail to INBOX                                                            (1.x)
//! lmtp(full@kundi.test)<1263><0AMXH4ANAmvvBAAAfQxGWQ>: msgid=<2@s.test>, from=..., size=10385: save failed to INBOX: Mailbox is full
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: fileinto action: stored mail into mailbox 'Junk'
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>: stored mail into mailbox 'Junk'                                             (Pigeonhole before 0.5)
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: failed to store into mailbox 'Old': Quota exceeded
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: redirect action: forwarded to <x@y.test>
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: discard action: Marked message to be discarded if not explicitly delivered
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: reject action: rejected message from <s@s.test> (no thanks)
//! lda(u@k.test): msgid=<3@s.test>: rejected: Quota exceeded (mailbox for user is full)
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: vacation action: sent vacation response to <s@s.test>      (known)
//! lmtp(1263): Connect from local                                                                                             (known)
//! auth: passwd-file(anna@isp.test,192.0.2.158,<session>): Password mismatch                                                  (known: the login line repeats it)
//! ```
//!
//! A file that Dovecot writes itself (`log_path`) has a level behind the service, 1.x in front of it: `imap-login: Info: Login: ...`.

use crate::dialect::field::{between, unbracketed};
use crate::event::{Event, MailboxAction, MailboxLine, Reading};

mod signin;

/// What stands in front of the text: `lmtp(anna@kundi.test)<1517><SESSION>: `.
#[derive(Clone, Copy, Debug)]
struct Head<'a> {
    service: &'a [u8],
    /// What stands in parentheses: a user, a process id, or both.
    user: &'a [u8],
    session: Option<&'a [u8]>,
}

/// Reads a line of Dovecot.
pub fn read(message: &[u8]) -> Reading<'_> {
    let message = without_level(message);
    let Some((head, text)) = head(message) else {
        return if is_own(message) {
            Reading::Known
        } else {
            Reading::Unrecognised
        };
    };
    let text = without_level(text);
    match head.service {
        b"lmtp" | b"lda" | b"deliver" | b"dovecot-lda" => delivery(&head, text),
        service if service.ends_with(b"-login") => match signin::login(service, text) {
            Some(event) => Reading::Event(event),
            None => Reading::Known,
        },
        b"imap" | b"IMAP" | b"pop3" | b"POP3" | b"managesieve" | b"submission" => {
            signin::end(&head, text).map_or(Reading::Known, Reading::Event)
        }
        // Services that never hold a mail on its way: whatever they say is no mail's fate.
        b"auth"
        | b"auth-worker"
        | b"anvil"
        | b"config"
        | b"dict"
        | b"director"
        | b"doveadm"
        | b"dsync"
        | b"dsync-server"
        | b"dsync-local"
        | b"indexer"
        | b"indexer-worker"
        | b"ipc"
        | b"log"
        | b"master"
        | b"old-stats"
        | b"replicator"
        | b"aggregator"
        | b"imap-hibernate"
        | b"imap-urlauth"
        | b"imap-urlauth-worker"
        | b"quota-status"
        | b"script"
        | b"script-login"
        | b"ssl-params"
        | b"stats"
        | b"dns-client"
        | b"dict-async"
        | b"dict-expire"
        | b"health-check"
        | b"welcome"
        | b"dovecot"
        | b"ssl-build-param"
        | b"killed with signal" => Reading::Known,
        _ if is_own(message) => Reading::Known,
        _ => Reading::Unrecognised,
    }
}

/// What the master process says without naming a service.
fn is_own(message: &[u8]) -> bool {
    [
        &b"Dovecot v"[..],
        b"Dovecot ",
        b"Killed ",
        b"Killing ",
        b"SIGHUP ",
        b"Warning: ",
        b"Error: ",
        b"Fatal: ",
        b"Panic: ",
        b"Auth process ",
        b"Generating ",
        b"SSL parameters ",
        b"Last died ",
        b"Created ",
        b"master: ",
        b"Shutting down",
        b"child ",
        b"service(",
        b"ssl-params: ",
        b"dovecot: ",
    ]
    .iter()
    .any(|words| message.starts_with(words))
}

/// `Info: ` and its kin.
fn without_level(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"Info: ")
        .or_else(|| text.strip_prefix(b"Warn: "))
        .unwrap_or(text)
}

/// `service(user)<pid><session>: text`; a user with a parenthesis in his name ends where a header goes on.
fn head(message: &[u8]) -> Option<(Head<'_>, &[u8])> {
    let end = message
        .iter()
        .take(30)
        .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-'))?;
    let (service, mut rest) = message.split_at(end);
    let mut user = &b""[..];
    if let Some(inside) = rest.strip_prefix(b"(") {
        let close =
            memchr::memchr_iter(b')', inside).find(|at| matches!(inside.get(at + 1), Some(b':' | b'<')))?;
        user = &inside[..close];
        rest = &inside[close + 1..];
    }
    let mut session = None;
    while let Some(inside) = rest.strip_prefix(b"<") {
        let close = memchr::memchr(b'>', inside)?;
        session = Some(&inside[..close]);
        rest = &inside[close + 1..];
    }
    Some((
        Head {
            service,
            user,
            session,
        },
        rest.strip_prefix(b": ")?,
    ))
}

fn delivery<'a>(head: &Head<'a>, text: &'a [u8]) -> Reading<'a> {
    if let Some(line) = mailbox(head, text) {
        return Reading::Event(Event::Mailbox(line));
    }
    let text = text.strip_prefix(b"sieve: ").unwrap_or(text);
    let is_known = [
        &b"Connect from "[..],
        b"Disconnect from ",
        b"Warning: ",
        b"Error: ",
        b"Fatal: ",
        b"Panic: ",
        b"Debug: ",
    ]
    .iter()
    .any(|words| text.starts_with(words));
    // What Sieve did beside the mail itself.
    let aside = [
        &b"vacation response to "[..],
        b"discarded duplicate ",
        b"vacation action",
        b"notify action",
        b"sent notification",
        b"left message in mailbox ",
        b"flags",
        b"pipe action",
        b"debug log",
        b"execution of script",
        b"compil",
    ]
    .iter()
    .any(|words| memchr::memmem::find(statement(text).1, words).is_some());
    if is_known || aside {
        return Reading::Known;
    }
    Reading::Unrecognised
}

fn mailbox<'a>(head: &Head<'a>, text: &'a [u8]) -> Option<MailboxLine<'a>> {
    let (mut user, mut session, mut text) = (head.user, head.session, text);
    // 2.0 to 2.2: `lmtp(1517, anna@kundi.test): SESSION: msgid=...`.
    if let Some((pid, name)) = split_pid(user) {
        user = name.unwrap_or(pid);
    }
    if session.is_none()
        && let Some(colon) = text.iter().take(40).position(|byte| *byte == b':')
        && let Some(after) = text.get(colon + 2..)
        && (after.starts_with(b"msgid=") || after.starts_with(b"sieve: "))
        && !text[..colon].contains(&b' ')
        && &text[..colon] != b"sieve"
    {
        session = Some(&text[..colon]);
        text = after;
    }
    let text = text.strip_prefix(b"sieve: ").unwrap_or(text);
    let (fields, text) = statement(text);
    let message_id = memchr::memmem::find(fields, b"msgid=")
        .map(|at| &fields[at + b"msgid=".len()..])
        .map(|id| {
            let id = id.trim_ascii();
            let end = match id.first() {
                Some(b'<') => memchr::memmem::find(id, b">, ").map_or(id.len(), |at| at + 1),
                _ => memchr::memmem::find(id, b", ").unwrap_or(id.len()),
            };
            unbracketed(&id[..end])
        })
        .filter(|id| *id != b"unspecified");
    let (action, detail) = action(text)?;
    Some(MailboxLine {
        user,
        session,
        message_id,
        action,
        detail,
    })
}

/// `1517, anna@kundi.test` or `1517`.
fn split_pid(user: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let digits = user.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match &user[digits..] {
        _ if digits == 0 => None,
        [] => Some((user, None)),
        [b',', b' ', name @ ..] => Some((&user[..digits], Some(name))),
        _ => None,
    }
}

/// The fields of `deliver_log_format` and the statement behind them. Message-ID, sender and subject are strangers' text and stand in front:
/// the last `, size=N: ` or `>: ` ends them.
fn statement(text: &[u8]) -> (&[u8], &[u8]) {
    if let Some(at) = memchr::memmem::rfind(text, b", size=") {
        let size = &text[at + b", size=".len()..];
        let digits = size.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if let Some(rest) = size[digits..].strip_prefix(b": ") {
            return (&text[..at], rest);
        }
    }
    if !text.starts_with(b"msgid=") {
        return (b"", text);
    }
    if let Some(at) = memchr::memmem::rfind(text, b">: ") {
        return (&text[..=at], &text[at + 3..]);
    }
    match memchr::memmem::find(text, b": ") {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text, b""),
    }
}

fn action(text: &[u8]) -> Option<(MailboxAction, &[u8])> {
    let text = [
        &b"fileinto action: "[..],
        b"keep action: ",
        b"redirect action: ",
        b"discard action: ",
        b"reject action: ",
        b"ereject action: ",
    ]
    .iter()
    .find_map(|action| text.strip_prefix(*action))
    .unwrap_or(text);
    let starts = |words: &[&[u8]]| words.iter().any(|word| text.starts_with(word));
    if let Some(folder) = text.strip_prefix(b"saved mail to ") {
        return Some((MailboxAction::Stored, folder));
    }
    if text.starts_with(b"stored mail into mailbox '") {
        return Some((MailboxAction::Stored, between(text, b"'", b"'")?));
    }
    if let Some(address) = text.strip_prefix(b"forwarded to <") {
        return Some((
            MailboxAction::Redirected,
            address.strip_suffix(b">").unwrap_or(address),
        ));
    }
    if starts(&[
        b"Marked message to be discarded",
        b"marked message to be discarded",
    ]) {
        return Some((MailboxAction::Discarded, text));
    }
    if starts(&[b"rejected message from ", b"sent rejection ", b"rejected: "]) {
        return Some((MailboxAction::Rejected, text));
    }
    starts(&[
        b"save failed to ",
        b"failed to store into mailbox ",
        b"failed to redirect ",
        b"copy failed ",
    ])
    .then_some((MailboxAction::Failed, text))
}
