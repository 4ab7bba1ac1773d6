//! SpamAssassin's spamd: one line a message, with what it found.
//!
//! ```text
//! spamd: result: Y 15 - BAYES_99,URIBL_BLACK scantime=1.2,size=2345,user=anna,uid=1000,required_score=5.0,rhost=::1,raddr=::1,rport=37210,mid=<1@s.test>,bayes=0.99,autolearn=no
//! result: .  0 - AWL,FORGED_RCVD_HELO scantime=1.6,size=3347,mid=<1@s.test>,autolearn=ham          (before 3.1)
//! spamd: identified spam (15.2/5.0) for anna:1000 in 1.2 seconds, 2345 bytes.                       (known: the result line says it too)
//! spamd: clean message (0.1/5.0) for anna:1000 in 1.2 seconds, 2345 bytes.                          (known)
//! spamd: processing message <1@s.test> for anna:1000                                                (known, as all about its own processes)
//! ```
//!
//! No line names a queue id, so a result is read and joined to nothing: one Message-ID stands in many mails.

use crate::dialect::field::{between, number, split_at_str};
use crate::event::{Event, Reading, ScanLine};

/// Reads a line of spamd.
pub fn read(message: &[u8]) -> Reading<'_> {
    let text = message.strip_prefix(b"spamd: ").unwrap_or(message);
    if let Some(result) = text.strip_prefix(b"result: ") {
        return result_line(result)
            .map_or(Reading::Unrecognised, |line| Reading::Event(Event::Scanned(line)));
    }
    let is_known = [
        &b"identified spam ("[..],
        b"clean message (",
        b"connection from ",
        b"processing message ",
        b"checking message ",
        b"creating default_prefs",
        b"failed to create readable default_prefs",
        b"got connection ",
        b"handle_user ",
        b"handled cleanup ",
        b"setuid to ",
        b"server ",
        b"child ",
        b"still running as root",
        b"info: ",
        b"copying ",
        b"using default config",
        b"still waiting ",
        b"alarm ",
        b"bad protocol",
        b"skipped large message",
        b"unauthorized connection",
        b"timeout",
        b"Tell: ",
        b"result_",
        b"cannot ",
        b"can't ",
        b"error: ",
        b"warn: ",
    ]
    .iter()
    .any(|words| text.starts_with(words));
    // `prefork: child states: II`, `logger: removing stderr method`: the name of a part of SpamAssassin.
    let is_part = text.len() == message.len()
        && memchr::memmem::find(&text[..text.len().min(24)], b": ").is_some_and(|at| {
            text[..at]
                .iter()
                .all(|byte| byte.is_ascii_lowercase() || *byte == b'-' || *byte == b'_')
        });
    if is_known || is_part {
        return Reading::Known;
    }
    Reading::Unrecognised
}

/// `Y 15 - SYMBOLS scantime=...`
fn result_line(result: &[u8]) -> Option<ScanLine<'_>> {
    let (verdict, rest) = result.split_at_checked(2)?;
    let (score, rest) = split_at_str(rest.trim_ascii_start(), b" - ")?;
    let (symbols, fields) = split_at_str(rest, b"scantime=")?;
    let action: &[u8] = match verdict {
        b"Y " => b"add header",
        b". " => b"no action",
        _ => return None,
    };
    let seconds: Option<f64> = fields.split(|byte| *byte == b',').next().and_then(number);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "as casts saturate, and a scan lasts seconds"
    )]
    let scan_ms = seconds.map(|seconds| (seconds * 1000.0).round() as i64);
    Some(ScanLine {
        message_id: between(fields, b",mid=<", b">,"),
        queue_id: None,
        action,
        score: number(score),
        recipients: b"",
        greylisted: false,
        forced_by: None,
        symbols: symbols.trim_ascii(),
        scan_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_in_both_forms() {
        for (line, score, action) in [
            (
                &b"spamd: result: Y 15 - BAYES_99 scantime=1.2,size=2345,user=a,mid=<1@s.test>,autolearn=no"
                    [..],
                15.0,
                &b"add header"[..],
            ),
            (
                b"result: .  0 - AWL,HELO scantime=1.6,size=3347,mid=<1@s.test>,autolearn=ham",
                0.0,
                b"no action",
            ),
            (
                b"spamd: result: . -4 - ALL scantime=1.6,size=3347,mid=<1@s.test>,autolearn=ham",
                -4.0,
                b"no action",
            ),
        ] {
            let Reading::Event(Event::Scanned(scan)) = read(line) else {
                panic!("{}", String::from_utf8_lossy(line));
            };
            assert_eq!((scan.score, scan.action), (Some(score), action));
            assert_eq!(scan.message_id, Some(&b"1@s.test"[..]));
        }
    }
}
