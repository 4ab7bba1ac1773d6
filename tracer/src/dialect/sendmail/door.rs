//! Answers at the door: rulesets, Milters, and recipients that Sendmail itself refused.
//!
//! ```text
//! ruleset=check_rcpt, arg1=<x@far.test>, relay=m.ext1.test [203.0.113.199] (may be forged), reject=550 5.7.1 <x@far.test>... Relaying denied
//! Milter: to=<anna@kundi.test>, reject=451 4.7.1 Greylisted, please try again later
//! Milter: data, reject=451 4.3.2 Please try again later
//! <left@kundi.test>... User unknown
//! ```

use super::{list, peer};
use crate::dialect::field::{number, split_at_str, unbracketed};
use crate::event::sendmail::SendmailLine;
use crate::event::{DoorAction, DoorLine, Envelope, Event, Peer};

/// `Milter: to=<a>, reject=...`, `Milter: from=<s>, reject=...`, `Milter: data, reject=...`, `Milter: data, discard`.
pub(super) fn milter<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    if let Some(to) = rest.strip_prefix(b"to=") {
        let (recipient, action) = list::value(to);
        return refused_recipient(id, recipient, action.strip_prefix(b", ")?, Peer::default());
    }
    if let Some(from) = rest.strip_prefix(b"from=") {
        let (sender, action) = list::value(from);
        let reply = action.strip_prefix(b", reject=")?;
        return Some(Event::Door(door(
            Some(id),
            b"MAIL",
            reply,
            Peer::default(),
            Some(sender),
            None,
        )));
    }
    let (_, action) = split_at_str(rest, b", ")?;
    match action.strip_prefix(b"reject=") {
        // `connect`, `helo`: the answer is repeated for every later command.
        Some(reply)
            if rest.starts_with(b"data") || rest.starts_with(b"eom") || rest.starts_with(b"header") =>
        {
            Some(Event::Sendmail(SendmailLine::Answer { queue_id: id, reply }))
        }
        _ => None,
    }
}

/// `check_rcpt, arg1=<a>, relay=name [ip], reject=550 5.7.1 text` and the other rulesets.
pub(super) fn ruleset<'a>(id: Option<&'a [u8]>, rest: &'a [u8]) -> Option<Event<'a>> {
    let (name, rest) = split_at_str(rest, b", ")?;
    let (argument, rest) = list::value(rest.strip_prefix(b"arg1=")?);
    // The relay's name is not of the sender's choosing, and what stands between is: the second argument.
    let (between, relay) = split_at_str(rest, b", relay=").unwrap_or((b"", rest));
    let (relay, action) = split_at_str(relay, b", ").unwrap_or((b"", relay));
    let client = peer(relay);
    match name {
        b"check_rcpt" | b"check_compat" => {
            let recipient = match between.strip_prefix(b", arg2=") {
                Some(second) if name == b"check_compat" => second,
                _ => argument,
            };
            refused_recipient(id?, recipient, action, client)
        }
        b"check_mail" => {
            let reply = reply_of(action)?;
            Some(Event::Door(door(
                id,
                b"MAIL",
                reply,
                client,
                Some(argument),
                None,
            )))
        }
        b"check_relay" | b"check_ehlo" | b"check_helo" => Some(Event::Door(door(
            id,
            b"CONNECT",
            reply_of(action)?,
            client,
            None,
            None,
        ))),
        b"check_vrfy" | b"check_expn" | b"check_etrn" | b"tls_client" | b"tls_server" | b"try_tls"
        | b"tls_rcpt" | b"trust_auth" | b"srv_features" => None,
        // A header's ruleset, `check_eoh`, `check_data`, `check_eom`: the whole message.
        _ => Some(Event::Sendmail(SendmailLine::Answer {
            queue_id: id?,
            reply: reply_of(action)?,
        })),
    }
}

fn reply_of(action: &[u8]) -> Option<&[u8]> {
    action
        .strip_prefix(b"reject=")
        .or_else(|| split_at_str(action, b"reject=").map(|(_, reply)| reply))
}

fn refused_recipient<'a>(
    id: &'a [u8],
    recipient: &'a [u8],
    action: &'a [u8],
    client: Peer<'a>,
) -> Option<Event<'a>> {
    if action == b"discard" {
        return Some(Event::Sendmail(SendmailLine::NamedForDiscard {
            queue_id: id,
            recipient: unbracketed(recipient),
        }));
    }
    if action.starts_with(b"quarantine=") {
        return Some(Event::Hold {
            queue_id: id,
            on: true,
        });
    }
    let reply = reply_of(action)?;
    Some(Event::Sendmail(SendmailLine::Refused(door(
        Some(id),
        b"RCPT",
        reply,
        client,
        None,
        Some(recipient),
    ))))
}

/// `<a@b>... User unknown`: a refused recipient; the code is not logged.
pub(super) fn refused_address<'a>(id: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (address, text) = split_at_str(rest, b"... ")?;
    if !address.ends_with(b">") || text.is_empty() {
        return None;
    }
    let mut line = door(Some(id), b"RCPT", rest, Peer::default(), None, Some(address));
    if memchr::memmem::find(text, b"again later").is_some()
        || memchr::memmem::find(text, b"emporar").is_some()
    {
        line.dsn = b"4.0.0";
    }
    Some(Event::Sendmail(SendmailLine::Refused(line)))
}

fn door<'a>(
    id: Option<&'a [u8]>,
    stage: &'a [u8],
    reply: &'a [u8],
    client: Peer<'a>,
    sender: Option<&'a [u8]>,
    recipient: Option<&'a [u8]>,
) -> DoorLine<'a> {
    let (code, dsn) = codes(reply);
    DoorLine {
        queue_id: id,
        action: DoorAction::Reject,
        stage,
        client,
        code,
        dsn,
        reply,
        envelope: Envelope {
            sender: sender.map(unbracketed),
            recipient: recipient.map(unbracketed),
            helo: None,
        },
    }
}

/// Basic and enhanced code at the beginning of an answer.
pub fn codes(reply: &[u8]) -> (u16, &[u8]) {
    let Some(code) = reply.get(..3).and_then(number::<u16>) else {
        return (0, b"");
    };
    let rest = reply.get(4..).unwrap_or_default();
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    let dsn = &rest[..end];
    let is_enhanced = dsn.len() >= 5
        && matches!(dsn.first(), Some(b'2' | b'4' | b'5'))
        && dsn.get(1) == Some(&b'.')
        && dsn.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    (code, if is_enhanced { dsn } else { b"" })
}
