//! Greylisting other than postgrey's: policyd, cbpolicyd (Cluebringer), SQLgrey, gld, milter-greylist.
//!
//! ```text
//! cbpolicyd:       module=Greylisting, action=defer, host=203.0.113.7, helo=x.test, from=s@s.test, to=u@k.test, reason=greylisted
//! policyd:         rcpt=7, greylist=new, host=203.0.113.7 (x.test), from=s@s.test, to=u@k.test, size=0
//! sqlgrey:         grey: new: 203.0.113(203.0.113.7), s@s.test -> u@k.test
//! sqlgrey:         grey: early reconnect: 203.0.113(203.0.113.7), s@s.test -> u@k.test
//! sqlgrey:         grey: reconnect ok: 203.0.113(203.0.113.7), s@s.test -> u@k.test (00:10:05)
//! gld:             Greylist activated for recipient=<u@k.test> sender=<s@s.test> ip=<203.0.113.7>
//! milter-greylist: 4jX53G22rQz1Wbb5: addr x.test[203.0.113.7] from <s@s.test> to <u@k.test> delayed for 00:05:00 (ACL 10)
//! ```

use crate::dialect::field::{between, ip, queue_id, split_at_str, unbracketed};
use crate::event::{Event, GreylistLine, Reading};

/// Reads a line of `program`.
pub fn read<'a>(program: &[u8], message: &'a [u8]) -> Reading<'a> {
    let line = match program {
        b"cbpolicyd" | b"policyd" => policyd(message),
        b"sqlgrey" => sqlgrey(message),
        b"gld" => gld(message),
        _ => milter(message),
    };
    match line {
        Some(line) => Reading::Event(Event::Greylist(line)),
        None if is_known(program, message) => Reading::Known,
        None => Reading::Unrecognised,
    }
}

fn policyd(message: &[u8]) -> Option<GreylistLine<'_>> {
    let fields = &message[memchr::memmem::find(message, b"module=Greylisting, ")
        .or_else(|| memchr::memmem::find(message, b"greylist="))?..];
    let word = between(fields, b"action=", b", ").or_else(|| between(fields, b"greylist=", b", "))?;
    let put_off = match word {
        b"defer" | b"defer_if_permit" | b"new" | b"early" | b"abuse" | b"new_train" => true,
        b"pass" | b"update" | b"whitelist" | b"awl" | b"train" => false,
        _ => return None,
    };
    let (_, addresses) = split_at_str(fields, b", from=")?;
    let (sender, rest) = split_at_str(addresses, b", to=")?;
    let (recipient, rest) = split_at_str(rest, b", ").unwrap_or((rest, b""));
    Some(GreylistLine {
        put_off,
        reason: rest.strip_prefix(b"reason=").unwrap_or(word),
        delay_s: None,
        client_ip: between(fields, b"host=", b", ")
            .and_then(|host| host.split(|byte| *byte == b' ').next())
            .and_then(ip),
        sender,
        recipient,
        queue_id: None,
    })
}

fn sqlgrey(message: &[u8]) -> Option<GreylistLine<'_>> {
    let rest = message.strip_prefix(b"grey: ")?;
    let (reason, rest) = split_at_str(rest, b": ")?;
    let put_off = match reason {
        b"new" | b"early reconnect" | b"throttling" => true,
        b"reconnect ok" | b"domain awl match" | b"from awl match" => false,
        _ => return None,
    };
    let (client, rest) = split_at_str(rest, b", ")?;
    let (sender, recipient) = split_at_str(rest, b" -> ")?;
    let recipient = recipient.split(|byte| *byte == b' ').next()?;
    Some(GreylistLine {
        put_off,
        reason,
        delay_s: None,
        client_ip: between(client, b"(", b")").and_then(ip),
        sender,
        recipient,
        queue_id: None,
    })
}

fn gld(message: &[u8]) -> Option<GreylistLine<'_>> {
    let rest = message.strip_prefix(b"Greylist activated for recipient=<")?;
    let (recipient, rest) = split_at_str(rest, b"> sender=<")?;
    let (sender, rest) = split_at_str(rest, b"> ip=<")?;
    Some(GreylistLine {
        put_off: true,
        reason: b"new",
        delay_s: None,
        client_ip: rest.strip_suffix(b">").and_then(ip),
        sender,
        recipient,
        queue_id: None,
    })
}

fn milter(message: &[u8]) -> Option<GreylistLine<'_>> {
    let (id, rest) = queue_id(message).map_or((None, message), |(id, rest)| (Some(id), rest));
    let rest = rest.strip_prefix(b"addr ")?;
    let (client, rest) = split_at_str(rest, b" from ")?;
    let (sender, rest) = split_at_str(rest, b" to ")?;
    let (recipient, reason) = split_at_str(rest, b" delayed for ")?;
    Some(GreylistLine {
        put_off: true,
        reason,
        delay_s: None,
        client_ip: ip(between(client, b"[", b"]").unwrap_or(client)),
        sender: unbracketed(sender),
        recipient: unbracketed(recipient),
        queue_id: id,
    })
}

/// Starting, stopping, cleaning up, white lists.
fn is_known(program: &[u8], message: &[u8]) -> bool {
    let words: &[&[u8]] = match program {
        b"cbpolicyd" | b"policyd" => &[
            b"module=",
            b"Got request ",
            b"connection from",
            b"rcpt=",
            b"DEBUG",
            b"[",
        ],
        b"sqlgrey" => &[
            b"perf: ",
            b"whitelist: ",
            b"spam: ",
            b"conf: ",
            b"dbaccess: ",
            b"mail: ",
            b"config: ",
            b"grey: from awl",
            b"grey: domain awl",
            b"grey: opt",
            b"grey: disc",
            b"martians: ",
            b"Process ",
            b"Binding ",
            b"Group ",
            b"User ",
            b"20",
        ],
        b"gld" => &[
            b"Greylist ",
            b"New ",
            b"Got ",
            b"Rejected ",
            b"connect",
            b"gld ",
            b"ERROR",
        ],
        _ => {
            return [
                &b"skipping greylist"[..],
                b"addr ",
                b"Message held",
                b"autowhitelist",
            ]
            .iter()
            .any(|words| {
                queue_id(message)
                    .map_or(message, |(_, rest)| rest)
                    .starts_with(words)
            });
        }
    };
    words.iter().any(|word| message.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_puts_off_the_same_mail() {
        for (program, line) in [
            (
                "cbpolicyd",
                "module=Greylisting, action=defer, host=203.0.113.7, helo=x.test, from=s@s.test, to=u@k.test, reason=greylisted",
            ),
            (
                "policyd",
                "rcpt=7, greylist=new, host=203.0.113.7 (x.test), from=s@s.test, to=u@k.test, size=0",
            ),
            (
                "sqlgrey",
                "grey: new: 203.0.113(203.0.113.7), s@s.test -> u@k.test",
            ),
            (
                "gld",
                "Greylist activated for recipient=<u@k.test> sender=<s@s.test> ip=<203.0.113.7>",
            ),
            (
                "milter-greylist",
                "4jX53G22rQz1Wbb5: addr x.test[203.0.113.7] from <s@s.test> to <u@k.test> delayed for 00:05:00 (ACL 10)",
            ),
        ] {
            let Reading::Event(Event::Greylist(found)) = read(program.as_bytes(), line.as_bytes()) else {
                panic!("{line}");
            };
            assert!(found.put_off, "{line}");
            assert_eq!(
                (found.sender, found.recipient),
                (&b"s@s.test"[..], &b"u@k.test"[..]),
                "{line}"
            );
            assert_eq!(
                found.client_ip.map(|ip| ip.to_string()).as_deref(),
                Some("203.0.113.7"),
                "{line}"
            );
        }
    }
}
