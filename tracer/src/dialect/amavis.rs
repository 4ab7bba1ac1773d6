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

use crate::dialect::field::{between, ip, millis, number, queued_as, split_at_str, unbracketed};
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
    let addresses = memchr::memmem::find(rest, b"> -> ").unwrap_or(rest.len());
    let braces = if rest.starts_with(b" {") {
        Some(0)
    } else {
        memchr::memmem::find(&rest[..addresses], b") {").map(|at| at + 1)
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
    let recipients_end = memchr::memmem::find(rest, b">, ").map_or(rest.len(), |at| at + 1);
    let (recipients, fields) = rest.split_at(recipients_end);
    let client_ip = memchr::memrchr(b'[', before)
        .and_then(|open| before[open + 1..].split(|byte| *byte == b']').next())
        .and_then(ip);
    let field = |name: &[u8]| {
        between(fields, name, b", ").or_else(|| split_at_str(fields, name).map(|(_, rest)| rest))
    };
    let action = match () {
        () if text.starts_with(b"Passed") => FilterAction::Pass,
        () if has(content, b"Discarded") => FilterAction::Discard,
        () if has(content, b"Bounced") => FilterAction::Bounce,
        () if has(content, b"TempFailed") => FilterAction::TempFail,
        () => FilterAction::Reject,
    };
    Some(Judgement {
        category,
        detail,
        action,
        client_ip,
        sender,
        recipients,
        quarantine: field(b", quarantine: "),
        queue_id: field(b", Queue-ID: "),
        message_id: between(fields, b", Message-ID: <", b">, "),
        mail_id: field(b", mail_id: "),
        score: field(b", Hits: ").and_then(number),
        queued_as: field(b", queued_as: "),
        scan_ms: memchr::memmem::rfind(fields, b", ")
            .and_then(|at| fields[at + 2..].strip_suffix(b" ms"))
            .and_then(millis)
            .map(|thousandths| thousandths / 1000),
    })
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
    memchr::memmem::find(content, word).is_some()
}
