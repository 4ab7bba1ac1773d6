//! rspamd: the one line a message that sums up (`rspamd_task_write_log`); everything else it logs tells how it came to that.
//!
//! ```text
//! <c5f441>; proxy; rspamd_task_write_log: id: <1@s.test>, qid: <4jX53M1kWKz1Wbhj>, ip: 203.0.113.141, from: <m@s.test>, (default: F (soft reject): [4.70/15.00] [LAB_GREY(5.00){},...]), len: 300, time: 21.816ms, dns req: 9, digest: <..>, rcpts: <u@k.test>, mime_rcpts: <u@k.test>, forced: soft reject "Try again later"; score=nan (set by greylist)
//! <747296>; task; rspamd_task_write_log: id: <1@s.test>, qid: <02331840CC>, ip: ..., from: <..>, (default: F (no action): [0.56/15.00] [IP_SCORE,R_SPF_ALLOW,...]), len: 1000, time: 50.1ms real, 5.0ms virtual, dns req: 20
//! <9c1d2e>; milter; rspamd_task_write_log: ..., (default: T (reject): [1016.10/15.00] [GTUBE(0.00){}]), ..., forced: reject "Policy"; score=nan (set by dmarc)
//! <c5f441>; proxy; proxy_accept_socket: accepted milter connection from 127.0.0.1 port 42058                                    (known: `<task>; module; function: text`)
//! ```

use smallvec::SmallVec;

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
    let symbols = between(tail, b"] [", b"])").unwrap_or(b"");
    let forced = split_at_str(tail, b", forced: ").map(|(_, forced)| forced);
    // `soft reject "Try again later"; score=nan (set by greylist)`
    let forced_by = forced.and_then(|forced| {
        let (_, by) = split_at_str(forced, b"(set by ")?;
        by.split(|byte| *byte == b')').next()
    });
    Some(ScanLine {
        message_id: between(head, b"id: <", b">, ").filter(|id| *id != b"undef"),
        queue_id: between(head, b"qid: <", b">").filter(|id| !id.is_empty() && *id != b"undef"),
        action,
        score,
        recipients: between(tail, b", rcpts: ", b", mime_rcpts")
            .or_else(|| between(tail, b", rcpts: ", b", "))
            .unwrap_or(b""),
        greylisted: action == b"greylist" || forced_by == Some(b"greylist"),
        forced_by,
        symbols,
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

/// The names of the three symbols that weigh most, of `NAME(5.00){options;},OTHER(0.20){},...`; what weighs nothing is left out.
pub(crate) fn heaviest(symbols: &[u8]) -> SmallVec<[&[u8]; 3]> {
    let mut found: SmallVec<[(&[u8], f32); 4]> = SmallVec::new();
    let mut rest = symbols;
    while let Some(open) = memchr::memchr(b'(', rest) {
        let name = rest[..open].rsplit(|byte| *byte == b',').next().unwrap_or(b"");
        let Some(close) = memchr::memchr(b')', &rest[open..]).map(|at| at + open) else {
            break;
        };
        let weight = number::<f32>(&rest[open + 1..close]).unwrap_or(0.0);
        if weight > 0.0 && weight.is_finite() {
            let place = found.iter().position(|(_, other)| *other < weight);
            found.insert(place.unwrap_or(found.len()), (name, weight));
            found.truncate(3);
        }
        // Options may hold parentheses and commas of their own.
        rest = &rest[close + 1..];
        if rest.first() == Some(&b'{') {
            let end = memchr::memmem::find(rest, b"},").map_or(rest.len(), |at| at + 1);
            rest = &rest[end..];
        }
    }
    found.into_iter().map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_symbols_are_found_behind_options_that_look_like_symbols() {
        let symbols = b"A(0.10){x(9.00){};},SPAM_WORDS(4.50){a,b(7.0);},HAM(-3.00){},C(2.00){}";
        assert_eq!(heaviest(symbols).as_slice(), [&b"SPAM_WORDS"[..], b"C", b"A"]);
        assert!(heaviest(b"A,B,C").is_empty());
    }

    #[test]
    fn a_forced_action_names_its_module() {
        let line = b"<1>; milter; rspamd_task_write_log: id: <1@s.test>, qid: <4jX53M1kWKz1Wbhj>, ip: 203.0.113.1, from: <m@s.test>, (default: T (reject): [3.10/15.00] [DMARC_POLICY_REJECT(2.00){s.test;}]), len: 3, time: 2.5ms, rcpts: <u@k.test>, mime_rcpts: <u@k.test>, forced: reject \"no\"; score=nan (set by dmarc)";
        let Reading::Event(Event::Scanned(scan)) = read(line) else {
            panic!("an event");
        };
        assert_eq!(
            (scan.action, scan.forced_by),
            (&b"reject"[..], Some(&b"dmarc"[..]))
        );
        assert!(!scan.greylisted);
    }
}
