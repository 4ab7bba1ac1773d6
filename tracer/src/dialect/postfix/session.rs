//! smtpd(8): sessions, queue ids for clients, and what the proxy filter said.
//!
//! ```text
//! connect from mx144.ext3.test[203.0.113.144]
//! 4jX53N42ttz1Wbhc: client=localhost[127.0.0.1], orig_queue_id=7AA9E9F235B, orig_client=unknown[203.0.113.85]
//! 4jX53g4dv4z1WbVk: client=dsl-101.pool.isp.test[192.0.2.101], sasl_method=LOGIN, sasl_username=asiakas12@isp.test
//! Anonymous TLS connection established from x[192.0.2.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
//! proxy-accept: END-OF-MESSAGE: 250 2.0.0 ... queued as 4jX54J3Vy2z1WbV1; from=<a@b> to=<c@d> proto=ESMTP helo=<h>
//! lost connection after RCPT from posti248.bank.test[203.0.113.248]
//! disconnect from posti248.bank.test[203.0.113.248] ehlo=1 mail=1 rcpt=1 commands=3
//! ```

use crate::dialect::field::{envelope, peer, queue_id, queued_as, split_at_str};
use crate::dialect::postfix::door;
use crate::event::{ClientLine, Event, Peer};

pub(super) fn read(message: &[u8]) -> Option<Event<'_>> {
    if let Some(client) = message.strip_prefix(b"connect from ") {
        return Some(Event::Connect(peer(client)?.0));
    }
    if let Some(client) = message.strip_prefix(b"disconnect from ") {
        let (_, commands) = peer(client)?;
        let data_failed = commands
            .split(|byte| *byte == b' ')
            .any(|command| command.starts_with(b"data=0/") || command.starts_with(b"bdat=0/"));
        return Some(Event::Disconnect { data_failed });
    }
    if let Some(warning) = message.strip_prefix(b"warning: ") {
        let (queue_id, rest) = queue_id(warning)?;
        return (rest == b"queue file size limit exceeded").then_some(Event::TooLarge { queue_id });
    }
    if let Some((queue_id, rest)) = queue_id(message) {
        return match rest.strip_prefix(b"client=") {
            Some(client) => client_line(Some(queue_id), client).map(Event::Client),
            None => lost(rest).or_else(|| door::read_with_id(Some(queue_id), rest)),
        };
    }
    if let Some(rest) = message.strip_prefix(b"NOQUEUE: ") {
        return match rest.strip_prefix(b"client=") {
            Some(client) => client_line(None, client).map(Event::Client),
            None => lost(rest).or_else(|| door::read_with_id(None, rest)),
        };
    }
    if let Some(rest) = message.strip_prefix(b"proxy-accept: ") {
        let (reply, tail) = split_at_str(rest, b"; from=<")?;
        let tail = &rest[rest.len() - tail.len() - b"from=<".len()..];
        return Some(Event::ProxyAccepted {
            next: queued_as(reply),
            envelope: envelope(tail).0,
        });
    }
    if message.starts_with(b"proxy-reject: ") {
        return door::read_with_id(None, message);
    }
    if let Some(lost) = lost(message) {
        return Some(lost);
    }
    // `Anonymous`, `Trusted`, `Untrusted`, `Verified`.
    let (word, rest) = split_at_str(message, b" ")?;
    let client = rest.strip_prefix(b"TLS connection established from ")?;
    (word.len() < 12).then_some(Event::Tls {
        text: split_at_str(client, b": ")?.1,
    })
}

/// `lost connection after RCPT from x[192.0.2.1]`; a service with `NOQUEUE: ` or a queue id in front says the same.
fn lost(message: &[u8]) -> Option<Event<'_>> {
    let rest = message
        .strip_prefix(b"lost connection after ")
        .or_else(|| message.strip_prefix(b"timeout after "))?;
    Some(Event::Lost {
        stage: split_at_str(rest, b" from ")?.0,
    })
}

fn client_line<'a>(queue_id: Option<&'a [u8]>, bytes: &'a [u8]) -> Option<ClientLine<'a>> {
    let (client, mut rest) = peer(bytes)?;
    let mut line = ClientLine {
        queue_id,
        client,
        orig_queue_id: None,
        orig_client: None,
        sasl_username: None,
    };
    while let Some(field) = rest.strip_prefix(b", ") {
        let end = memchr::memmem::find(field, b", ").unwrap_or(field.len());
        let (field, after) = field.split_at(end);
        rest = after;
        if let Some(id) = field.strip_prefix(b"orig_queue_id=") {
            line.orig_queue_id = Some(id);
        } else if let Some(client) = field.strip_prefix(b"orig_client=") {
            line.orig_client = peer(client)
                .map(|(client, _)| client)
                .filter(|client: &Peer<'_>| client.ip.is_some());
        } else if let Some(user) = field.strip_prefix(b"sasl_username=") {
            line.sasl_username = Some(user);
        }
    }
    Some(line)
}
