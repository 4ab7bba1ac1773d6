//! amavisd-new, log level 1 to 5 with its usual template.
//!
//! ```text
//! (00934-06) Blocked SPAM {DiscardedInbound,Quarantined}, [203.0.113.164]:50513 [203.0.113.164] <s@a.test> -> <u@k.test>, quarantine: d/spam-dCPjRrmvRSGu.gz, Queue-ID: D54989F21CE, Message-ID: <1@a.test>, mail_id: dCPjRrmvRSGu, Hits: 1004.2, size: 639, 712 ms
//! (00941-08) Passed CLEAN {RelayedInbound}, [203.0.113.85]:46879 [203.0.113.85] <s@e.test> -> <u@k.test>, Queue-ID: 7AA9E9F235B, Message-ID: <2@e.test>, mail_id: RrOR6fZf2IWj, Hits: 5.898, size: 1326, queued_as: 50B569F2373, 1771 ms
//! (rel-ujtOK_oDoWWX) Quarantined message release (miscategorized): 2JpGiFJmGt12 <s@a.test> -> <u@k.test>
//! (rel-ncBlXl_O1QhQ) ncBlXl_O1QhQ(0jQU7jjnuQJM) FWD from <s@a.test> -> <p@i.test>,  250 2.0.0 ... queued as 4jX59J4zf4z1WbrH
//! ```
//!
//! Lines beyond syslog's limit are cut: the first part ends and the next begins with `...`; the correlator puts them together again.

use crate::dialect::field::{between, find, ip, millis, number, queued_as, split_at_str, unbracketed};
use crate::event::{Event, FilterAction, Judgement, Reading};

/// Reads a line of amavis.
pub fn read(message: &[u8]) -> Reading<'_> {
    let Some((scan, text)) = scan_id(message) else {
        return Reading::Known;
    };
    let continues = text.strip_prefix(b"...");
    let body = continues.unwrap_or(text);
    let cut = body.strip_suffix(b"...");
    if continues.is_some() || (cut.is_some() && is_summary(body)) {
        let event = Event::AmavisPart {
            scan,
            continues: continues.is_some(),
            more: cut.is_some(),
            text: cut.unwrap_or(body),
        };
        return Reading::Event(event);
    }
    if is_summary(text) {
        return judgement(text).map_or(Reading::Unrecognised, |judgement| {
            Reading::Event(Event::Judged(judgement))
        });
    }
    sent(scan, text).map_or(Reading::Known, Reading::Event)
}

/// `(00934-06) text`
fn scan_id(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = message.strip_prefix(b"(")?;
    let close = memchr::memchr(b')', &rest[..rest.len().min(40)])?;
    Some((&rest[..close], rest[close + 1..].strip_prefix(b" ")?))
}

fn is_summary(text: &[u8]) -> bool {
    text.starts_with(b"Passed ") || text.starts_with(b"Blocked ")
}

/// Reads a whole summary line, the scan id taken off.
pub fn judgement(text: &[u8]) -> Option<Judgement<'_>> {
    let (_, rest) = split_at_str(text, b" ")?;
    let end = rest.iter().position(|byte| matches!(byte, b' ' | b','))?;
    let (category, rest) = rest.split_at(end);
    // Templates before 2.7 have no braces: `Blocked INFECTED (Eicar), [ip] <s> -> <r>, ...`. They stand behind the category or behind the
    // parenthesis; a `{` inside it or behind the addresses is a stranger's.
    let addresses = find(rest, b"> -> ").unwrap_or(rest.len());
    let braces = if rest.starts_with(b" {") {
        Some(0)
    } else {
        find(&rest[..addresses], b") {").map(|at| at + 1)
    };
    let detail = rest.strip_prefix(b" (").and_then(|inner| match braces {
        Some(at) => inner.get(..at.saturating_sub(2))?.strip_suffix(b")"),
        None => split_at_str(inner, b"), ").map(|(detail, _)| detail),
    });
    let content = braces.map_or(&b""[..], |at| between(&rest[at..], b" {", b"}").unwrap_or(b""));
    let (_, rest) = match (braces, detail) {
        (Some(at), _) => split_at_str(&rest[at..], b"}, ")?,
        (None, Some(_)) => split_at_str(rest, b"), ")?,
        (None, None) => split_at_str(rest, b", ")?,
    };
    // `LOCAL [ip]:port [ip] <s> -> <r>`, `PREQ [ip] <s> -> <r>`, or nothing in front of the sender.
    let (before, rest) = match rest.strip_prefix(b"<") {
        Some(rest) => (&b""[..], rest),
        None => split_at_str(rest, b" <")?,
    };
    let (sender, rest) = split_at_str(rest, b"> -> ")?;
    let recipients_end = find(rest, b">, ").map_or(rest.len(), |at| at + 1);
    let (recipients, fields) = rest.split_at(recipients_end);
    let client_ip = memchr::memrchr(b'[', before)
        .and_then(|open| before[open + 1..].split(|byte| *byte == b']').next())
        .and_then(ip);
    let action = match () {
        () if text.starts_with(b"Passed") => FilterAction::Pass,
        () if has(content, b"Discarded") => FilterAction::Discard,
        () if has(content, b"Bounced") => FilterAction::Bounce,
        () if has(content, b"TempFailed") => FilterAction::TempFail,
        () => FilterAction::Reject,
    };
    let mut judgement = Judgement {
        category,
        detail,
        action,
        client_ip,
        sender,
        recipients,
        quarantine: None,
        queue_id: None,
        message_id: None,
        mail_id: None,
        score: None,
        queued_as: None,
        scan_ms: None,
    };
    read_fields(fields, &mut judgement);
    Some(judgement)
}

/// `, quarantine: d/spam-x.gz, Queue-ID: D54989F21CE, Message-ID: <1@a.test>, mail_id: x, Hits: 1004.2, size: 639, 712 ms`: of a field that
/// stands there twice the first counts, because a Message-ID may hold whatever its sender wanted.
fn read_fields<'a>(fields: &'a [u8], judgement: &mut Judgement<'a>) {
    let mut rest = fields;
    while let Some(after) = rest.strip_prefix(b", ") {
        let mut end = find(after, b", ").unwrap_or(after.len());
        if let Some(id) = after.strip_prefix(b"Message-ID: <") {
            let close = find(id, b">, ").or_else(|| id.len().checked_sub(1).filter(|last| id[*last] == b'>'));
            if let Some(close) = close {
                judgement.message_id = judgement.message_id.or(Some(&id[..close]));
                end = after.len() - id.len() + close + 1;
            }
        }
        let field = &after[..end];
        rest = &after[end..];
        let Some(colon) = memchr::memchr(b':', field) else {
            if let Some(time) = field.strip_suffix(b" ms") {
                judgement.scan_ms = millis(time).map(|thousandths| thousandths / 1000);
            }
            continue;
        };
        let value = field[colon + 1..].trim_ascii_start();
        match &field[..colon] {
            b"quarantine" => judgement.quarantine = judgement.quarantine.or(Some(value)),
            b"Queue-ID" => judgement.queue_id = judgement.queue_id.or(Some(value)),
            b"mail_id" => judgement.mail_id = judgement.mail_id.or(Some(value)),
            b"Hits" => judgement.score = judgement.score.or_else(|| number(value)),
            b"queued_as" => judgement.queued_as = judgement.queued_as.or(Some(value)),
            _ => {}
        }
    }
}

/// `MAILID(ABOUT) SEND from <> -> <>, ... queued as X`, and the same with FWD for a release.
fn sent<'a>(scan: &'a [u8], text: &'a [u8]) -> Option<Event<'a>> {
    let is_release = scan.starts_with(b"rel-");
    if let Some((_, rest)) = split_at_str(text, b"Quarantined message release")
        && is_release
    {
        let (_, rest) = split_at_str(rest, b": ")?;
        let about = rest.split(|byte| *byte == b' ').next();
        return Some(Event::AmavisSent {
            is_release,
            about,
            queued_as: None,
        });
    }
    let (mail, rest) = split_at_str(text, b" ")?;
    let own = rest.starts_with(b"SEND from ");
    if !(own || (is_release && rest.starts_with(b"FWD from "))) {
        return None;
    }
    Some(Event::AmavisSent {
        is_release,
        about: between(mail, b"(", b")").map(unbracketed),
        queued_as: queued_as(rest),
    })
}

fn has(content: &[u8], word: &[u8]) -> bool {
    find(content, word).is_some()
}
