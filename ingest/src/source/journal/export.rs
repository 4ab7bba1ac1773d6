//! systemd's Journal Export Format (https://systemd.io/JOURNAL_EXPORT_FORMATS/).
//!
//! Goes in: its bytes in pieces of any size:
//!
//! ```text
//! __CURSOR=s=739a...;i=4ece7;...
//! __REALTIME_TIMESTAMP=1795296608744254
//! SYSLOG_IDENTIFIER=postfix/smtpd
//! MESSAGE
//! <64 bits, little endian: length><bytes>
//!
//! ```
//!
//! Comes out: each entry as the JSON line that `journalctl -o json` would write, with the fields that a log line is made of, and its cursor.
//! Memory is one entry of these fields, each cut at 64 KiB.

use memchr::memchr;

use crate::source::framing::BadFrame;
use crate::source::stream::LONGEST_LINE;

/// The fields that `tracer` reads; `MESSAGE` last.
const FIELDS: [&str; 8] = [
    "__REALTIME_TIMESTAMP",
    "_SOURCE_REALTIME_TIMESTAMP",
    "_HOSTNAME",
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "SYSLOG_PID",
    "_PID",
    "MESSAGE",
];
const MESSAGE: usize = FIELDS.len() - 1;
/// A field's name has at most 64 letters.
const LONGEST_NAME: usize = 64;
/// A value but MESSAGE: host names and the like.
const LONGEST_VALUE: usize = 512;

/// Reads entries.
#[derive(Debug, Default)]
pub(in crate::source) struct Entries {
    buffer: Vec<u8>,
    values: [Option<Vec<u8>>; FIELDS.len()],
    cursor: Option<Vec<u8>>,
    state: State,
    line: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// At the beginning of a field.
    #[default]
    Field,
    /// Behind the name of a binary field: the length comes.
    Length(Target),
    /// Inside a binary value, of which so many bytes are to come; with the end of line.
    Value(Target, u64),
    /// Inside a text value that is longer than is kept.
    TextRest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Value(usize),
    Cursor,
    Nothing,
}

impl Entries {
    /// Whether an entry has begun that is not whole.
    pub(in crate::source) fn is_inside(&self) -> bool {
        !self.buffer.is_empty() || self.state != State::Field || self.values.iter().any(Option::is_some)
    }

    /// Hands out each entry that is whole now: its line with `\n`, and its cursor.
    pub(in crate::source) fn feed(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8], &[u8]),
    ) -> Result<(), BadFrame> {
        let mut all = std::mem::take(&mut self.buffer);
        let used;
        if all.is_empty() {
            used = self.take(bytes, &mut each)?;
            all.extend_from_slice(&bytes[used..]);
        } else {
            all.extend_from_slice(bytes);
            used = self.take(&all, &mut each)?;
            all.drain(..used);
        }
        self.buffer = all;
        Ok(())
    }

    fn take(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8], &[u8])) -> Result<usize, BadFrame> {
        let mut at = 0;
        loop {
            let left = &bytes[at..];
            match self.state {
                State::Field => match memchr(b'\n', left) {
                    Some(end) => {
                        self.field(&left[..end], each)?;
                        at += end + 1;
                    }
                    None if left.len() > LONGEST_LINE + LONGEST_NAME => {
                        self.field(left, each)?;
                        self.state = State::TextRest;
                        at = bytes.len();
                    }
                    None => return Ok(at),
                },
                State::TextRest => match memchr(b'\n', left) {
                    Some(end) => {
                        self.state = State::Field;
                        at += end + 1;
                    }
                    None => return Ok(bytes.len()),
                },
                State::Length(target) => {
                    let Some((length, _)) = left.split_first_chunk::<8>() else {
                        return Ok(at);
                    };
                    let length = u64::from_le_bytes(*length);
                    if length > 1 << 30 {
                        // The journal itself takes no more than 768 MiB.
                        return Err(BadFrame::HugeCount(length));
                    }
                    self.state = State::Value(target, length + 1);
                    self.put(target, &[]);
                    at += 8;
                }
                State::Value(target, count) => {
                    let there = usize::try_from(count).unwrap_or(usize::MAX).min(left.len());
                    let is_whole = there as u64 == count;
                    if is_whole && left[..there].last() != Some(&b'\n') {
                        return Err(BadFrame::NotExport);
                    }
                    self.put(target, &left[..there - usize::from(is_whole)]);
                    at += there;
                    if !is_whole {
                        self.state = State::Value(target, count - there as u64);
                        return Ok(at);
                    }
                    self.state = State::Field;
                }
            }
        }
    }

    /// A line: `NAME=text`, the name of a binary field, or the blank line that ends an entry.
    fn field(&mut self, line: &[u8], each: &mut impl FnMut(&[u8], &[u8])) -> Result<(), BadFrame> {
        if line.is_empty() {
            self.end(each);
            return Ok(());
        }
        let name = memchr(b'=', line).map_or(line, |end| &line[..end]);
        let is_name = (1..=LONGEST_NAME).contains(&name.len())
            && name
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
        if !is_name {
            return Err(BadFrame::NotExport);
        }
        let target = if name == b"__CURSOR" {
            Target::Cursor
        } else {
            FIELDS
                .iter()
                .position(|field| field.as_bytes() == name)
                .map_or(Target::Nothing, Target::Value)
        };
        if name.len() == line.len() {
            self.state = State::Length(target);
        } else {
            self.put(target, &line[name.len() + 1..]);
        }
        Ok(())
    }

    /// Adds to a value, up to what is kept of it.
    fn put(&mut self, target: Target, bytes: &[u8]) {
        let (value, most) = match target {
            Target::Nothing => return,
            Target::Cursor => (&mut self.cursor, LONGEST_VALUE),
            Target::Value(index) => (
                &mut self.values[index],
                if index == MESSAGE {
                    LONGEST_LINE
                } else {
                    LONGEST_VALUE
                },
            ),
        };
        let value = value.get_or_insert_default();
        let room = most.saturating_sub(value.len());
        value.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end(&mut self, each: &mut impl FnMut(&[u8], &[u8])) {
        let values = std::mem::take(&mut self.values);
        let cursor = self.cursor.take().unwrap_or_default();
        if values.iter().all(Option::is_none) {
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        write_line(&values, LONGEST_LINE, &mut line);
        if line.len() > LONGEST_LINE {
            // Escapes made it long: half of an object could not be read at all.
            write_line(&values, LONGEST_LINE / 8, &mut line);
        }
        each(&line, &cursor);
        self.line = line;
    }
}

fn write_line(values: &[Option<Vec<u8>>; FIELDS.len()], longest: usize, line: &mut Vec<u8>) {
    line.clear();
    line.push(b'{');
    for (name, value) in FIELDS.iter().zip(values) {
        let Some(value) = value else { continue };
        if line.len() > 1 {
            line.push(b',');
        }
        line.push(b'"');
        line.extend_from_slice(name.as_bytes());
        line.extend_from_slice(b"\":");
        push_text(&value[..value.len().min(longest)], line);
    }
    line.extend_from_slice(b"}\n");
}

/// A JSON string; what is not UTF-8 is replaced.
fn push_text(bytes: &[u8], line: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(bytes);
    line.push(b'"');
    for letter in text.chars() {
        match letter {
            '"' => line.extend_from_slice(b"\\\""),
            '\\' => line.extend_from_slice(b"\\\\"),
            '\n' => line.extend_from_slice(b"\\n"),
            letter if u32::from(letter) < 0x20 => {
                line.extend_from_slice(format!("\\u{:04x}", u32::from(letter)).as_bytes());
            }
            letter => line.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn entry(message: &[u8]) -> Vec<u8> {
        let mut bytes = b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795296608744254\n_BOOT_ID=x\n_HOSTNAME=mail1\nSYSLOG_IDENTIFIER=postfix/smtpd\n_PID=1247\nMESSAGE\n".to_vec();
        bytes.extend_from_slice(&(message.len() as u64).to_le_bytes());
        bytes.extend_from_slice(message);
        bytes.extend_from_slice(b"\n_COMM=smtpd\n\n");
        bytes
    }

    fn read(bytes: &[u8], piece: usize) -> Result<Vec<(String, String)>, BadFrame> {
        let mut entries = Entries::default();
        let mut found = Vec::new();
        for piece in bytes.chunks(piece) {
            entries.feed(piece, |line, cursor| {
                found.push((
                    String::from_utf8_lossy(line).into_owned(),
                    String::from_utf8_lossy(cursor).into_owned(),
                ));
            })?;
        }
        Ok(found)
    }

    #[test]
    fn an_entry_becomes_a_line_that_the_tracer_reads() {
        let bytes = [
            entry(b"connect from \"x\"\n\x01"),
            entry(b"b\xff\n\nc"),
            b"\n\n".to_vec(),
        ]
        .concat();
        for piece in [1, 2, 3, 9, 64, 10_000] {
            let found = read(&bytes, piece).expect("two entries");
            assert_eq!(found.len(), 2, "{piece}");
            assert_eq!(found[0].1, "s=1;i=2");
            let value: serde_json::Value = serde_json::from_str(&found[0].0).expect("JSON");
            assert_eq!(value["MESSAGE"], "connect from \"x\"\n\u{1}");
            assert_eq!(value["_HOSTNAME"], "mail1");
            let mut headers = tracer::line::HeaderReader::not_after(
                model::time::Micros(1_795_300_000_000_000),
                jiff::tz::TimeZone::UTC,
            );
            let line = headers.read(found[0].0.trim_end().as_bytes()).expect("a line");
            assert_eq!(line.at.0, 1_795_296_608_744_254);
        }
    }

    #[test]
    fn hostile_lengths_need_no_memory() {
        let mut bytes = b"MESSAGE\n".to_vec();
        bytes.extend_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(read(&bytes, 5), Err(BadFrame::HugeCount(u64::MAX)));
        assert_eq!(read(b"GET / HTTP/1.1\r\n", 4), Err(BadFrame::NotExport));
        let mut entries = Entries::default();
        entries.feed(b"MESSAGE\n", |_, _| {}).expect("a name");
        entries
            .feed(&(1_u64 << 29).to_le_bytes(), |_, _| {})
            .expect("a length");
        for _ in 0..1000 {
            entries
                .feed(&vec![b'x'; 100_000], |_, _| {})
                .expect("a part of it");
        }
        assert!(
            entries.values[MESSAGE]
                .as_ref()
                .is_some_and(|value| value.len() == LONGEST_LINE)
        );
        assert!(entries.buffer.is_empty());
        let mut entries = Entries::default();
        entries.feed(b"MESSAGE=", |_, _| {}).expect("a name");
        for _ in 0..100 {
            entries
                .feed(&vec![b'x'; 100_000], |_, _| {})
                .expect("a part of it");
            assert!(entries.buffer.len() <= 200_000);
        }
    }

    #[test]
    fn a_message_full_of_escapes_stays_json() {
        let found = read(&entry(&vec![1; 60_000]), 1000).expect("an entry");
        assert!(found[0].0.len() <= LONGEST_LINE);
        serde_json::from_str::<serde_json::Value>(&found[0].0).expect("JSON");
    }
}
