//! Messages out of a stream of bytes.
//!
//! Goes in: what a connection, a pipe or standard input brings, in pieces of any size. Comes out: whole lines, each with its `\n`. Octet counting
//! (RFC 6587, 3.4.1: `83 <22>1 2026-11-21T...`) and line feeds (3.4.2) are told apart for each message: a count is followed by a space and `<`.
//! A message with line feeds or NUL bytes in it gets spaces instead: one message is one line. Memory is one message.

use memchr::memchr;

use super::journal::export::Entries;
use super::stream::LONGEST_LINE;

/// What the bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Syslog messages (RFC 3164, RFC 5424), or plain log lines.
    #[default]
    Syslog,
    /// systemd's Journal Export Format, as `journalctl -o export` writes it.
    JournalExport,
}

/// A count above this is no message but a mistake or an attack.
const MOST_COUNTED: u64 = 16 << 20;
/// Digits of the longest count that is read as one.
const MOST_DIGITS: usize = 9;

/// What cannot be gone on with: the connection is closed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadFrame {
    /// A count that no message has.
    #[error("a sender announced a message of {0} bytes")]
    HugeCount(u64),
    /// Not the Journal Export Format.
    #[error("a sender sent something that is not the journal's export format")]
    NotExport,
}

/// Cuts a stream of bytes into lines.
#[derive(Debug)]
pub(super) enum Framer {
    Syslog(SyslogFramer),
    Journal(Box<Entries>),
}

impl Framer {
    pub(super) fn new(format: Format) -> Self {
        match format {
            Format::Syslog => Self::Syslog(SyslogFramer::default()),
            Format::JournalExport => Self::Journal(Box::default()),
        }
    }

    /// Appends the lines that are whole now to `out`.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), BadFrame> {
        match self {
            Self::Syslog(framer) => framer.feed(bytes, out),
            Self::Journal(entries) => entries.feed(bytes, |line, _| out.extend_from_slice(line)),
        }
    }

    /// The stream has ended: what is left is a line, or nothing that can be read.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Syslog(framer) => framer.end(out),
            Self::Journal(entries) => **entries = Entries::default(),
        }
    }

    /// Whether a message has begun that is not whole.
    pub(super) fn is_inside(&self) -> bool {
        match self {
            Self::Syslog(framer) => !framer.begun.is_empty() || framer.rest != Rest::None,
            Self::Journal(entries) => entries.is_inside(),
        }
    }
}

/// What is left of a message that was cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rest {
    #[default]
    None,
    /// So many bytes.
    Counted(u64),
    /// Everything up to a line feed.
    Line,
}

#[derive(Debug, Default)]
pub(super) struct SyslogFramer {
    /// The beginning of a message whose end is still to come.
    begun: Vec<u8>,
    rest: Rest,
}

/// What stands at the beginning of the bytes.
enum Step {
    /// A message, and all bytes that belong to it.
    Message {
        from: usize,
        to: usize,
        used: usize,
    },
    /// A message that is cut here.
    Cut {
        from: usize,
        to: usize,
        rest: Rest,
    },
    More,
}

impl SyslogFramer {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), BadFrame> {
        if self.begun.is_empty() {
            let used = self.take(bytes, out)?;
            self.begun.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let used = self.take(&all, out)?;
        all.drain(..used);
        self.begun = all;
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if self.rest == Rest::None {
            push_message(&self.begun, out);
        }
        self.begun.clear();
        self.rest = Rest::None;
    }

    /// Takes the messages that are whole, and says how many bytes they are.
    fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<usize, BadFrame> {
        let mut at = 0;
        loop {
            let left = &bytes[at..];
            match self.rest {
                Rest::None => {}
                Rest::Counted(count) => {
                    let skipped = count.min(left.len() as u64);
                    at += usize::try_from(skipped).unwrap_or(left.len());
                    self.rest = if skipped == count {
                        Rest::None
                    } else {
                        Rest::Counted(count - skipped)
                    };
                    if self.rest != Rest::None {
                        return Ok(at);
                    }
                    continue;
                }
                Rest::Line => match memchr(b'\n', left) {
                    Some(end) => {
                        at += end + 1;
                        self.rest = Rest::None;
                        continue;
                    }
                    None => return Ok(bytes.len()),
                },
            }
            // Senders that count and end lines as well.
            let blank = left
                .iter()
                .take_while(|byte| matches!(byte, b'\n' | b'\r' | 0))
                .count();
            at += blank;
            let left = &bytes[at..];
            match step(left)? {
                Step::Message { from, to, used } => {
                    push_message(&left[from..to], out);
                    at += used;
                }
                Step::Cut { from, to, rest } => {
                    push_message(&left[from..to], out);
                    self.rest = rest;
                    at += to;
                }
                Step::More => return Ok(at),
            }
        }
    }
}

fn step(left: &[u8]) -> Result<Step, BadFrame> {
    match counted(left) {
        Counted::No => {}
        Counted::MayBe => return Ok(Step::More),
        Counted::Yes { count, from } => {
            if count > MOST_COUNTED {
                return Err(BadFrame::HugeCount(count));
            }
            let length = usize::try_from(count).map_err(|_| BadFrame::HugeCount(count))?;
            let there = left.len() - from;
            return Ok(if there >= length {
                Step::Message {
                    from,
                    to: from + length,
                    used: from + length,
                }
            } else if there >= LONGEST_LINE {
                Step::Cut {
                    from,
                    to: from + LONGEST_LINE,
                    rest: Rest::Counted((length - LONGEST_LINE) as u64),
                }
            } else {
                Step::More
            });
        }
    }
    Ok(match memchr(b'\n', left) {
        Some(end) => Step::Message {
            from: 0,
            to: end,
            used: end + 1,
        },
        None if left.len() >= LONGEST_LINE => Step::Cut {
            from: 0,
            to: LONGEST_LINE,
            rest: Rest::Line,
        },
        None => Step::More,
    })
}

enum Counted {
    Yes { count: u64, from: usize },
    No,
    MayBe,
}

/// `MSG-LEN SP SYSLOG-MSG`; a message begins with its priority, `<22>`.
fn counted(left: &[u8]) -> Counted {
    let Some(first) = left.first() else {
        return Counted::MayBe;
    };
    if !matches!(first, b'1'..=b'9') {
        return Counted::No;
    }
    let digits = left.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > MOST_DIGITS {
        return Counted::No;
    }
    match &left[digits..] {
        [] | [b' '] => Counted::MayBe,
        [b' ', b'<', ..] => {
            let count = left[..digits]
                .iter()
                .fold(0, |count, digit| count * 10 + u64::from(digit - b'0'));
            Counted::Yes {
                count,
                from: digits + 1,
            }
        }
        _ => Counted::No,
    }
}

/// One message as one line. Nothing but blanks is no message.
pub(super) fn push_message(message: &[u8], out: &mut Vec<u8>) {
    let end = message
        .iter()
        .rposition(|byte| !matches!(byte, b'\n' | b'\r' | b' ' | b'\t' | 0))
        .map_or(0, |last| last + 1);
    let message = &message[..end.min(LONGEST_LINE)];
    if message.is_empty() {
        return;
    }
    let start = out.len();
    out.extend_from_slice(message);
    if memchr::memchr3(b'\n', b'\r', 0, message).is_some() {
        for byte in &mut out[start..] {
            if matches!(byte, b'\n' | b'\r' | 0) {
                *byte = b' ';
            }
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn frames(bytes: &[u8], piece: usize) -> Result<Vec<String>, BadFrame> {
        let mut framer = Framer::new(Format::Syslog);
        let mut out = Vec::new();
        for piece in bytes.chunks(piece) {
            framer.feed(piece, &mut out)?;
        }
        framer.end(&mut out);
        assert!(!framer.is_inside());
        Ok(String::from_utf8_lossy(&out).lines().map(str::to_owned).collect())
    }

    #[test]
    fn counted_and_ended_messages_come_whole_whatever_the_packets() {
        let text = b"12 <22>1 one\n23\n9 <22>1 two\n<22>Nov 21 21:30:08 mail1 x: three\r\n2026-11-21T21:30:08Z mail1 x: four\n9 <22>1 fiv<22>last";
        for piece in [1, 2, 3, 5, 11, 1000] {
            assert_eq!(
                frames(text, piece).expect("good frames"),
                [
                    "<22>1 one 23",
                    "<22>1 two",
                    "<22>Nov 21 21:30:08 mail1 x: three",
                    "2026-11-21T21:30:08Z mail1 x: four",
                    "<22>1 fiv",
                    "<22>last",
                ],
                "{piece}"
            );
        }
    }

    #[test]
    fn a_huge_count_ends_the_connection() {
        assert_eq!(
            frames(b"<22>good\n999999999 <22>x", 7),
            Err(BadFrame::HugeCount(999_999_999))
        );
        // More digits are no count at all, and leading zeros are none either.
        assert_eq!(
            frames(b"99999999999999999999 <22>x\n007 <22>y\n", 7).expect("lines"),
            ["99999999999999999999 <22>x", "007 <22>y"]
        );
    }

    #[test]
    fn long_messages_are_cut_and_what_follows_is_read() {
        let long = "x".repeat(200_000);
        for text in [
            format!("<22>{long}\n<22>next\n"),
            format!("200004 <22>{long}8 <22>next"),
        ] {
            for piece in [999, 1 << 20] {
                let lines = frames(text.as_bytes(), piece).expect("good frames");
                let lengths: Vec<usize> = lines.iter().map(String::len).collect();
                assert_eq!(lengths, [LONGEST_LINE, 8], "{piece}");
            }
        }
    }

    #[test]
    fn a_stream_without_line_feeds_needs_no_memory() {
        let mut framer = SyslogFramer::default();
        let mut out = Vec::new();
        for _ in 0..1000 {
            framer.feed(&[b'x'; 10_000], &mut out).expect("no frame is bad");
            assert!(framer.begun.len() <= LONGEST_LINE + 10_000);
        }
        assert_eq!(out.len(), LONGEST_LINE + 1);
    }

    #[test]
    fn whatever_bytes_a_message_has_it_is_one_line() {
        let mut out = Vec::new();
        push_message(b"<22>\xef\xbb\xbfa\nb\0c\r\nd\xff\0\n", &mut out);
        assert_eq!(out, b"<22>\xef\xbb\xbfa b c  d\xff\n");
        out.clear();
        push_message(b" \n\0", &mut out);
        assert!(out.is_empty());
    }
}
