//! postgrey: greylisting as a Postfix policy service.
//!
//! ```text
//! action=greylist, reason=new, client_name=posti168.ext1.test, client_address=203.0.113.168, sender=l@f.test, recipient=user9@kundi.test
//! action=pass, reason=triplet found, delay=4, client_name=..., client_address=..., sender=..., recipient=...
//! 4jX53G22rQz1Wbb5: action=pass, reason=triplet found, ...      (from the second recipient on)
//! ```

use crate::dialect::field::{between, ip, number, queue_id, split_at_str};
use crate::event::{Event, GreylistLine, Reading};

/// Reads a line of postgrey.
pub fn read(message: &[u8]) -> Reading<'_> {
    let (queue_id, rest) = queue_id(message).map_or((None, message), |(id, rest)| (Some(id), rest));
    let Some(rest) = rest.strip_prefix(b"action=") else {
        return Reading::Known;
    };
    greylist(queue_id, rest).map_or(Reading::Unrecognised, |line| {
        Reading::Event(Event::Greylist(line))
    })
}

fn greylist<'a>(queue_id: Option<&'a [u8]>, rest: &'a [u8]) -> Option<GreylistLine<'a>> {
    let (action, rest) = split_at_str(rest, b", reason=")?;
    let (reason, rest) = split_at_str(rest, b", ")?;
    // Addresses come last and may hold commas: read them from their own names. The null sender's field is left out.
    let (sender, recipient) = match split_at_str(rest, b"sender=") {
        Some((_, tail)) => split_at_str(tail, b", recipient=")?,
        None => (&b""[..], split_at_str(rest, b"recipient=")?.1),
    };
    Some(GreylistLine {
        put_off: action == b"greylist",
        reason,
        delay_s: between(rest, b"delay=", b", ").and_then(number),
        // Some releases write the network that counts: `192.0.2.0/24`.
        client_ip: between(rest, b"client_address=", b", ")
            .and_then(|address| address.split(|byte| *byte == b'/').next())
            .and_then(ip),
        sender,
        recipient,
        queue_id,
    })
}
