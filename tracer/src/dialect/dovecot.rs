//! Dovecot's delivery side: LMTP, LDA and Sieve.
//!
//! ```text
//! lmtp(anna@kundi.test)<1517><MDzIM5AIAmvtBQAAfQxGWQ>: msgid=<1@s.test>, from=a@shop.test, size=639: saved mail to INBOX
//! lmtp(full@kundi.test)<1263><0AMXH4ANAmvvBAAAfQxGWQ>: msgid=<2@s.test>, from=..., size=10385: save failed to INBOX: Mailbox is full
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: fileinto action: stored mail into mailbox 'Junk'
//! lmtp(u@k.test)<1><S>: sieve: msgid=<3@s.test>, from=..., size=1: redirect action: forwarded to <x@y.test>
//! ```

use crate::dialect::field::{between, split_at_str, unbracketed};
use crate::event::{Event, MailboxAction, MailboxLine, Reading};

/// Reads a line of Dovecot.
pub fn read(message: &[u8]) -> Reading<'_> {
    let delivers = message.starts_with(b"lmtp(") || message.starts_with(b"lda(");
    if !delivers {
        return Reading::Known;
    }
    mailbox(message).map_or(Reading::Known, |line| Reading::Event(Event::Mailbox(line)))
}

fn mailbox(message: &[u8]) -> Option<MailboxLine<'_>> {
    let (head, rest) = split_at_str(message, b": ")?;
    let user = between(head, b"(", b")")?;
    let session = memchr::memrchr(b'<', head).and_then(|open| head[open + 1..].strip_suffix(b">"));
    let rest = rest.strip_prefix(b"sieve: ").unwrap_or(rest);
    let fields = rest.strip_prefix(b"msgid=")?;
    // The Message-ID may hold spaces and colons, the action is what follows the size.
    let (fields, after) = split_at_str(fields, b", size=").or_else(|| split_at_str(fields, b": "))?;
    let text = split_at_str(after, b": ").map_or(after, |(_, text)| text);
    let message_id = fields
        .split(|byte| *byte == b',')
        .next()
        .map(|id| unbracketed(id.trim_ascii()))
        .filter(|id| *id != b"unspecified");
    let (action, detail) = if let Some(folder) = text.strip_prefix(b"saved mail to ") {
        (MailboxAction::Stored, folder)
    } else if let Some(folder) = between(text, b"stored mail into mailbox '", b"'") {
        (MailboxAction::Stored, folder)
    } else if let Some((_, address)) = split_at_str(text, b"forwarded to <") {
        (
            MailboxAction::Redirected,
            address.strip_suffix(b">").unwrap_or(address),
        )
    } else if memchr::memmem::find(text, b"discard action").is_some() {
        (MailboxAction::Discarded, text)
    } else if memchr::memmem::find(text, b"reject action").is_some() {
        (MailboxAction::Rejected, text)
    } else if text.starts_with(b"save failed to ") {
        (MailboxAction::Failed, text)
    } else {
        return None;
    };
    Some(MailboxLine {
        user,
        session,
        message_id,
        action,
        detail,
    })
}
