//! Lines of one source, read ahead by a thread of its own.
//!
//! Goes in: a reader, possibly a decompressor. Comes out: one line after another, borrowed from the block in which it was read: only a line that
//! lies over the edge of two blocks is copied. Blocks go back to the thread to be filled again, so that memory is a few blocks whatever the length.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use memchr::{memchr, memrchr};

/// A line longer than this is cut, and counted.
pub(crate) const LONGEST_LINE: usize = 1 << 16;
/// Bytes of a block: large enough that handing it over costs nothing, small enough for a core's own cache.
const BLOCK: usize = 1 << 18;
/// Blocks that the thread may be ahead.
const AHEAD: usize = 4;

/// The lines of one source.
#[derive(Debug)]
pub(crate) struct Lines {
    blocks: Receiver<io::Result<Block>>,
    used: SyncSender<Vec<u8>>,
    block: Block,
    at: usize,
    /// Where the last line began, to take it back.
    last: usize,
    /// Lines so far.
    pub(crate) count: u64,
    /// Lines that were longer than the bound.
    pub(crate) cut: u64,
}

/// Bytes up to the end of a line; `bytes` is always of full length.
#[derive(Debug, Default)]
struct Block {
    bytes: Vec<u8>,
    length: usize,
}

impl Lines {
    /// Starts the thread that reads.
    pub(crate) fn start(source: Box<dyn Read + Send>) -> io::Result<Self> {
        let (full, blocks) = sync_channel(AHEAD);
        let (used, empty) = sync_channel(AHEAD + 2);
        thread::Builder::new()
            .name("read-ahead".to_owned())
            .spawn(move || pump(source, &full, &empty))?;
        Ok(Self {
            blocks,
            used,
            block: Block::default(),
            at: 0,
            last: 0,
            count: 0,
            cut: 0,
        })
    }

    /// The next line without its end; `None` behind the last one.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        while self.at >= self.block.length {
            let Ok(next) = self.blocks.recv() else {
                return Ok(None);
            };
            let old = std::mem::replace(&mut self.block, next?);
            self.at = 0;
            if !old.bytes.is_empty()
                && let Err(TrySendError::Full(spare)) = self.used.try_send(old.bytes)
            {
                drop(spare);
            }
        }
        self.last = self.at;
        let rest = &self.block.bytes[self.at..self.block.length];
        let mut end = memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += end + 1;
        self.count += 1;
        if end > LONGEST_LINE {
            end = LONGEST_LINE;
            self.cut += 1;
        }
        while end > 0 && rest[end - 1] == b'\r' {
            end -= 1;
        }
        Ok(Some(&rest[..end]))
    }

    /// Takes the last line back: [`Lines::next`] gives it again.
    pub(crate) fn unread(&mut self) {
        if self.last < self.at {
            self.cut -= u64::from(self.at - self.last > LONGEST_LINE + 1);
            self.at = self.last;
            self.count -= 1;
        }
    }
}

/// Fills blocks until the source ends, fails, or nobody wants them any more.
fn pump(mut source: Box<dyn Read + Send>, full: &SyncSender<io::Result<Block>>, empty: &Receiver<Vec<u8>>) {
    // The beginning of a line whose end is still to come.
    let mut begun: Vec<u8> = Vec::new();
    let mut is_too_long = false;
    loop {
        let mut bytes = empty.try_recv().unwrap_or_default();
        bytes.resize(BLOCK, 0);
        bytes[..begun.len()].copy_from_slice(&begun);
        let read = match source.read(&mut bytes[begun.len()..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let _gone = send(full, bytes, begun.len()) && full.send(Err(error)).is_ok();
                return;
            }
            Ok(0) => {
                let _gone = send(full, bytes, begun.len());
                return;
            }
            Ok(read) => read,
        };
        let mut start = 0;
        let filled = begun.len() + read;
        begun.clear();
        if is_too_long {
            match memchr(b'\n', &bytes[..filled]) {
                Some(end) => {
                    is_too_long = false;
                    start = end + 1;
                }
                None => continue,
            }
        }
        let mut end = memrchr(b'\n', &bytes[start..filled]).map_or(start, |end| start + end + 1);
        begun.extend_from_slice(&bytes[end..filled]);
        if begun.len() > LONGEST_LINE {
            // One byte more than the bound, so that the line is seen to be cut. What was before it in the block goes first.
            if end > start && !send_part(full, &bytes[start..end]) {
                return;
            }
            is_too_long = true;
            begun.truncate(LONGEST_LINE + 1);
            begun.push(b'\n');
            start = 0;
            end = begun.len();
            bytes[..end].copy_from_slice(&begun);
            begun.clear();
        }
        if start > 0 {
            bytes.copy_within(start..end, 0);
            end -= start;
        }
        if !send(full, bytes, end) {
            return;
        }
    }
}

/// Whether anybody still wants blocks.
fn send(full: &SyncSender<io::Result<Block>>, bytes: Vec<u8>, length: usize) -> bool {
    length == 0 || full.send(Ok(Block { bytes, length })).is_ok()
}

fn send_part(full: &SyncSender<io::Result<Block>>, part: &[u8]) -> bool {
    send(full, part.to_vec(), part.len())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn lines_of(text: Vec<u8>) -> (Vec<Vec<u8>>, u64) {
        let mut lines = Lines::start(Box::new(Cursor::new(text))).expect("a thread");
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("memory can be read") {
            found.push(line.to_vec());
        }
        (found, lines.cut)
    }

    #[test]
    fn lines_are_what_stands_between_their_ends() {
        let (found, cut) = lines_of(b"one\r\n\ntwo\nthree".to_vec());
        assert_eq!(
            found,
            [&b"one"[..], b"", b"two", b"three"].map(<[u8]>::to_vec).to_vec()
        );
        assert_eq!(cut, 0);
        assert_eq!(lines_of(Vec::new()).0.len(), 0);
    }

    #[test]
    fn lines_over_the_edge_of_blocks_are_whole() {
        let text: Vec<u8> = (0..60_000)
            .flat_map(|n| format!("line {n} of many\n").into_bytes())
            .collect();
        assert!(text.len() > 3 * BLOCK);
        let (found, _) = lines_of(text);
        assert_eq!(found.len(), 60_000);
        for (n, line) in found.iter().enumerate() {
            assert_eq!(line, format!("line {n} of many").as_bytes());
        }
    }

    #[test]
    fn a_line_without_end_is_cut_once_and_the_next_is_whole() {
        for length in [
            LONGEST_LINE,
            LONGEST_LINE + 1,
            BLOCK - 3,
            BLOCK,
            BLOCK + 1,
            5 * BLOCK,
        ] {
            let mut text = b"before\n".to_vec();
            text.extend(std::iter::repeat_n(b'x', length));
            text.extend_from_slice(b"\nafter\nlast");
            let (found, cut) = lines_of(text);
            let lengths: Vec<usize> = found.iter().map(Vec::len).collect();
            assert_eq!(lengths, [6, length.min(LONGEST_LINE), 5, 4], "{length}");
            assert_eq!(cut, u64::from(length > LONGEST_LINE), "{length}");
        }
    }

    #[test]
    fn a_line_can_be_taken_back() {
        let mut lines = Lines::start(Box::new(Cursor::new(b"one\ntwo".to_vec()))).expect("a thread");
        assert_eq!(lines.next().expect("readable"), Some(&b"one"[..]));
        lines.unread();
        assert_eq!(lines.next().expect("readable"), Some(&b"one"[..]));
        assert_eq!(lines.next().expect("readable"), Some(&b"two"[..]));
        assert_eq!(lines.next().expect("readable"), None);
        assert_eq!(lines.count, 2);
    }
}
