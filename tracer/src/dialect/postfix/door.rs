//! What smtpd(8), postscreen(8) and cleanup(8) answer at the door: one grammar with three accents.
//!
//! ```text
//! NOQUEUE: reject: RCPT from x[203.0.113.168]: 450 4.2.0 <u@k.test>: Recipient address rejected: Greylisted; from=<s> to=<r> proto=ESMTP helo=<h>
//! NOQUEUE: reject: RCPT from [203.0.113.60]:36269: 550 5.7.1 Service unavailable; client [203.0.113.60] blocked using d.test; from=<s>, to=<r>, proto=ESMTP, helo=<h>
//! 4jX5393sCJz1Wbb5: milter-reject: END-OF-MESSAGE from x[203.0.113.208]: 5.7.1 rejected by DMARC policy; from=<s> to=<r> proto=ESMTP helo=<h>
//! 4jX5305tGFz1Wbh7: reject: header Subject: x from x[192.0.2.196]; from=<s> to=<r> proto=ESMTP helo=<h>: 5.7.1 outgoing content refused
//! proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=00934-01 - INFECTED: Eicar; from=<s> to=<r> proto=ESMTP helo=<h>
//! ```

use crate::dialect::field::{envelope, number, peer, queue_id, split_at_str};
use crate::event::{DoorAction, DoorLine, Event, Peer};

/// A line of postscreen(8).
pub(super) fn read(message: &[u8]) -> Option<Event<'_>> {
    match message.strip_prefix(b"NOQUEUE: ") {
        Some(rest) => read_with_id(None, rest),
        None => queue_id(message).and_then(|(id, rest)| read_with_id(Some(id), rest)),
    }
}

/// `action: STAGE from client: reply; envelope`, the queue id taken off.
pub(super) fn read_with_id<'a>(queue_id: Option<&'a [u8]>, rest: &'a [u8]) -> Option<Event<'a>> {
    let (word, rest) = split_at_str(rest, b": ")?;
    // milter_header_checks: `milter-header-redirect: header X-Spam-Status: Yes ...`
    let word = word.strip_prefix(b"milter-header-").unwrap_or(word);
    let action = match word {
        b"reject" | b"milter-reject" | b"proxy-reject" => DoorAction::Reject,
        b"discard" | b"milter-discard" => DoorAction::Discard,
        b"hold" | b"milter-hold" | b"milter-quarantine" => DoorAction::Hold,
        b"warn" | b"filter" | b"redirect" | b"bcc" | b"prepend" | b"reject_warning" | b"info"
        | b"replace" | b"strip" | b"pass" | b"warning" | b"ignore" | b"delay" | b"permit"
        | b"reject_warn" | b"milter-redirect" => DoorAction::Note,
        _ => return None,
    };
    let envelope_at = envelope_start(rest);
    let (head, tail) = rest.split_at(envelope_at.unwrap_or(rest.len()));
    let (envelope, after) = envelope(tail.strip_prefix(b"; ").unwrap_or(tail));
    let door = |stage, client, reply| {
        let (code, dsn) = match codes(reply) {
            // postscreen's `too many connections` and `all server ports busy` are both sent as 421.
            (0, b"") if stage == b"CONNECT" => (421, &b""[..]),
            codes => codes,
        };
        Event::Door(DoorLine {
            queue_id,
            action,
            stage,
            client,
            code,
            dsn,
            reply,
            envelope,
        })
    };
    let stage_end = head
        .iter()
        .position(|byte| matches!(byte, b' ' | b':'))
        .unwrap_or(head.len());
    let (stage, after_stage) = head.split_at(stage_end);
    if matches!(stage, b"header" | b"body") && after_stage.starts_with(b" ") {
        // The header's own text may hold anything: the client stands last.
        let client = memchr::memmem::rfind(head, b" from ")
            .and_then(|at| peer(&head[at + 6..]))
            .map_or(Peer::default(), |(client, _)| client);
        return Some(door(stage, client, after.strip_prefix(b": ").unwrap_or(after)));
    }
    if matches!(stage, b"VRFY" | b"ETRN") {
        // Asked about an address or for a queue run: no mail.
        return None;
    }
    let (client, reply) = match after_stage.strip_prefix(b" from ").and_then(peer) {
        Some((client, reply)) => (client, reply),
        None => (Peer::default(), after_stage),
    };
    let reply = reply.strip_prefix(b":").unwrap_or(reply).trim_ascii_start();
    Some(door(stage, client, reply))
}

/// Where `; from=<` begins: the last one outside angle brackets, because a header or the reply of others stands before it and may imitate it, and
/// an address may hold anything.
fn envelope_start(rest: &[u8]) -> Option<usize> {
    const MARK: &[u8] = b"; from=<";
    let mut depth = 0usize;
    let mut last = None;
    for at in memchr::memchr3_iter(b'<', b'>', b';', rest) {
        match rest[at] {
            b'<' => depth += 1,
            b'>' => depth = depth.saturating_sub(1),
            _ if depth == 0 && rest[at..].starts_with(MARK) => last = Some(at),
            _ => {}
        }
    }
    last.or_else(|| memchr::memmem::rfind(rest, MARK))
        .or_else(|| memchr::memmem::rfind(rest, b"; proto="))
        .or_else(|| memchr::memmem::rfind(rest, b"; to=<"))
}

/// The basic code (0 when absent) and the enhanced status code (empty when absent) at the beginning of a reply.
pub(super) fn codes(reply: &[u8]) -> (u16, &[u8]) {
    let (code, rest) = match reply.split_at_checked(3) {
        Some((digits, rest))
            if digits.iter().all(u8::is_ascii_digit) && matches!(rest.first(), Some(b' ' | b'-')) =>
        {
            (number(digits).unwrap_or(0), &rest[1..])
        }
        _ => (0, reply),
    };
    let end = rest
        .iter()
        .position(|byte| !(byte.is_ascii_digit() || *byte == b'.'))
        .unwrap_or(rest.len());
    let dsn = &rest[..end];
    let is_dsn =
        matches!(dsn, [b'2' | b'4' | b'5', b'.', ..]) && dsn.split(|byte| *byte == b'.').count() == 3;
    (code, if is_dsn { dsn } else { b"" })
}
