//! rspamd: the one line a message that sums up (`rspamd_task_write_log`); everything else it logs is of no use here.
//!
//! ```text
//! <c5f441>; proxy; rspamd_task_write_log: id: <1@s.test>, qid: <4jX53M1kWKz1Wbhj>, ip: 203.0.113.141, from: <m@s.test>, (default: F (soft reject): [4.70/15.00] [LAB_GREY(5.00){},...]), len: 300, time: 21.816ms, dns req: 9, digest: <..>, rcpts: <u@k.test>, mime_rcpts: <u@k.test>, forced: soft reject "Try again later"; score=nan (set by greylist)
//! ```

use crate::dialect::field::{between, number, split_at_str};
use crate::event::{Event, Reading, ScanLine};

/// Reads a line of rspamd.
pub fn read(message: &[u8]) -> Reading<'_> {
    let Some((_, rest)) = split_at_str(message, b"rspamd_task_write_log: ") else {
        return Reading::Known;
    };
    scan(rest).map_or(Reading::Unrecognised, |line| Reading::Event(Event::Scanned(line)))
}

fn scan(rest: &[u8]) -> Option<ScanLine<'_>> {
    let (head, tail) = split_at_str(rest, b"(default: ")?;
    // `F (soft reject): [4.70/15.00]`
    let (verdict, tail) = split_at_str(tail, b": [")?;
    let action = between(verdict, b"(", b")")?;
    let score = tail.split(|byte| *byte == b'/').next().and_then(number);
    let forced = split_at_str(tail, b", forced: ").map(|(_, forced)| forced);
    let set_by_greylist =
        forced.is_some_and(|forced| memchr::memmem::find(forced, b"(set by greylist)").is_some());
    Some(ScanLine {
        message_id: between(head, b"id: <", b">, "),
        queue_id: between(head, b"qid: <", b">"),
        action,
        score,
        recipients: between(tail, b", rcpts: ", b", mime_rcpts")
            .or_else(|| between(tail, b", rcpts: ", b", "))
            .unwrap_or(b""),
        greylisted: action == b"greylist" || set_by_greylist,
        scan_ms: between(tail, b", time: ", b"ms")
            .and_then(number::<f64>)
            .map(|value| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "as casts saturate, and a scan lasts seconds"
                )]
                let whole = value.round() as i64;
                whole
            }),
    })
}
