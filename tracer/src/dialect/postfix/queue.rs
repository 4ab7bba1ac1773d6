//! The life of a queue file: qmgr(8), pickup(8), bounce(8), postsuper(1).
//!
//! ```text
//! qmgr: 4jX52y443Sz1WbbT: from=<a@isp.test>, size=921, nrcpt=2 (queue active)
//! qmgr: 4jX53l291Tz1Wbcg: from=<a@isp.test>, status=expired, returned to sender
//! qmgr: 4jX52y443Sz1WbbT: removed
//! pickup: 4jX53537MHz1WbTY: uid=101 from=<a@isp.test> orig_id=4jX52y443Sz1WbbT
//! bounce: 4jX53l291Tz1Wbcg: sender non-delivery notification: 4jX54k1RtZz1Wbh1
//! postsuper: 4jX52y443Sz1WbbT: requeued
//! ```

use crate::dialect::field::{is_queue_id, number, queue_id, split_at_str};
use crate::event::Event;

pub(super) fn read(message: &[u8]) -> Option<Event<'_>> {
    let (queue_id, rest) = queue_id(message)?;
    if rest == b"removed" {
        return Some(Event::Removed { queue_id });
    }
    let rest = rest.strip_prefix(b"from=<")?;
    if let Some((sender, rest)) = split_at_str(rest, b">, size=") {
        let end = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        return Some(Event::Active {
            queue_id,
            sender,
            size: number(&rest[..end]),
        });
    }
    let (_, status) = split_at_str(rest, b">, status=")?;
    // `postsuper -e` makes it `force-expired`.
    (status.starts_with(b"expired") || status.starts_with(b"force-expired"))
        .then_some(Event::Expired { queue_id })
}

pub(super) fn read_report(message: &[u8]) -> Option<Event<'_>> {
    let (queue_id, rest) = queue_id(message)?;
    let (words, report) = split_at_str(rest, b"notification: ")?;
    // `sender non-delivery`, `sender delay`, `sender delivery status`, `postmaster non-delivery`
    (words.starts_with(b"sender ") || words.starts_with(b"postmaster ")).then_some(())?;
    is_queue_id(report).then_some(Event::Report { queue_id, report })
}

pub(super) fn read_pickup(message: &[u8]) -> Option<Event<'_>> {
    let (queue_id, rest) = queue_id(message)?;
    let (_, rest) = split_at_str(rest, b" from=<")?;
    let (sender, rest) = match memchr::memrchr(b'>', rest) {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None => (rest, &b""[..]),
    };
    Some(Event::Pickup {
        queue_id,
        sender,
        requeued_from: rest.strip_prefix(b" orig_id="),
    })
}

pub(super) fn read_postsuper(message: &[u8]) -> Option<Event<'_>> {
    let (queue_id, rest) = queue_id(message)?;
    match rest {
        b"removed" => Some(Event::Deleted { queue_id }),
        b"requeued" => Some(Event::Requeued { queue_id }),
        b"placed on hold" => Some(Event::Hold { queue_id, on: true }),
        b"released from hold" => Some(Event::Hold { queue_id, on: false }),
        _ => None,
    }
}
