//! Lines in their order, a buffer at a time.
//!
//! Goes in: bytes as they come, by [`Lines::fill`]. Comes out: one whole line after another, borrowed from the buffer, and how many bytes lie
//! behind the lines consumed so far. A line over 64 KiB is cut once and its rest left out; NUL bytes before a line (the hole that a truncated
//! file has when its writer does not append) are skipped and counted.

use std::io;

use jiff::tz::TimeZone;
use memchr::{memchr, memrchr};
use model::time::Micros;
use tracer::line::{HeaderReader, LogLine};

use super::tail::Tail;

/// A longer line is cut: no mail program writes one, and a file without line ends must not fill the memory.
pub(super) const LONGEST_LINE: usize = 1 << 16;
/// Bytes asked for in one read.
pub(super) const CHUNK: usize = 1 << 18;

/// Lines of one file, one spool or one journal, in order. The worker merges several by the time of their lines.
#[derive(Debug)]
pub struct Stream {
    pub(super) lines: Lines,
    pub(super) tail: Tail,
    /// What the headers of the lines so far have taught.
    headers: Option<HeaderReader>,
    /// See [`Stream::has_more`].
    pub(super) has_more: bool,
    /// Its lines were there before the last refill, which therefore did not look for more.
    pub(super) is_unasked: bool,
    /// The time of the line that was looked at last.
    at: Option<Micros>,
}

impl Stream {
    pub(super) fn new(tail: Tail, offset: u64, is_rest: bool) -> Self {
        Self {
            lines: Lines::new(offset, is_rest),
            tail,
            headers: None,
            has_more: true,
            is_unasked: false,
            at: None,
        }
    }

    /// The current line with its header, where it has one; reading it twice gives the same twice. A header without a year lies not later than a
    /// day after `now`, one without a zone in `zone`.
    pub fn read(&mut self, now: Micros, zone: &TimeZone) -> Option<(&[u8], Option<LogLine<'_>>)> {
        let raw = self.lines.line()?;
        let headers = self
            .headers
            .get_or_insert_with(|| HeaderReader::not_after(now, zone.clone()));
        headers.set_reference(now);
        let line = headers.read(raw);
        if let Some(line) = &line {
            self.at = Some(line.at);
        }
        Some((raw, line))
    }

    /// The time of the line that was looked at last.
    pub fn at(&self) -> Option<Micros> {
        self.at
    }

    /// Whether something may have been there at the last [`super::Source::refill`] that is not buffered yet: the rest of a file, its successor, or
    /// whatever came while lines waited here.
    pub fn has_more(&self) -> bool {
        self.has_more || self.is_unasked
    }

    /// The current whole line without its end (`\n` or `\r\n`); `None` when nothing is buffered now.
    #[inline]
    pub fn line(&self) -> Option<&[u8]> {
        self.lines.line()
    }

    /// The current line is consumed. Without a current line nothing happens.
    #[inline]
    pub fn advance(&mut self) {
        self.lines.advance();
    }
}

/// A buffer of bytes and a place in it.
#[derive(Debug, Default)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// Bytes of the stream before the buffer.
    base: u64,
    /// Where the current line begins, and where the unfinished one does when there is no current one.
    at: usize,
    /// The end of the current line's text, and the beginning of the next line.
    end: usize,
    next: usize,
    has_line: bool,
    /// The buffer begins inside a line that was cut: it is left out up to its end.
    is_rest: bool,
    /// The last read filled all the room.
    is_full: bool,
    /// Lines consumed since the beginning.
    consumed: u64,
    /// NUL bytes skipped and not told yet.
    nuls: u64,
}

impl Lines {
    pub(super) fn new(offset: u64, is_rest: bool) -> Self {
        Self {
            base: offset,
            is_rest,
            ..Self::default()
        }
    }

    #[inline]
    pub(super) fn line(&self) -> Option<&[u8]> {
        self.has_line.then(|| &self.buffer[self.at..self.end])
    }

    #[inline]
    pub(super) fn advance(&mut self) {
        if self.has_line {
            self.consumed += 1;
            self.at = self.next;
            self.look();
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    pub(super) fn has_line(&self) -> bool {
        self.has_line
    }

    /// Bytes of the stream behind the lines consumed so far.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Where the next byte of the stream is to be read.
    pub(super) fn wanted(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    /// Whether [`Lines::offset`] lies inside a line that was cut.
    pub(super) fn is_rest(&self) -> bool {
        self.is_rest && !self.has_line
    }

    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// NUL bytes skipped since the last question.
    pub(super) fn take_nuls(&mut self) -> u64 {
        std::mem::take(&mut self.nuls)
    }

    /// Whether a line has begun that has no end yet.
    pub(super) fn has_unfinished(&self) -> bool {
        !self.has_line && self.at < self.buffer.len()
    }

    /// Forgets what is buffered and goes on at `offset`.
    pub(super) fn restart(&mut self, offset: u64) {
        let (consumed, nuls) = (self.consumed, self.nuls);
        *self = Self::new(offset, false);
        (self.consumed, self.nuls) = (consumed, nuls);
    }

    /// Gives the memory back when nothing is buffered.
    pub(super) fn release(&mut self) {
        if !self.has_line && self.at == self.buffer.len() {
            self.base += self.at as u64;
            self.buffer = Vec::new();
            (self.at, self.end, self.next) = (0, 0, 0);
        }
    }

    /// Lets `read` append at most one chunk. It gets the stream's offset of the buffer's end and the room to fill, and says how much it filled.
    /// Call it only when there is no line. Returns the bytes read.
    pub(super) fn fill(
        &mut self,
        chunk: usize,
        mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.compact();
        let old = self.buffer.len();
        self.buffer.resize(old + chunk, 0);
        let result = read(self.base + old as u64, &mut self.buffer[old..]);
        let count = *result.as_ref().unwrap_or(&0);
        self.is_full = count == chunk;
        self.buffer.truncate(old + count);
        self.look();
        result
    }

    /// Ends an unfinished line: the writer is gone and will not end it.
    pub(super) fn end_unfinished(&mut self) {
        if self.has_unfinished() && !self.is_rest {
            self.end = self.buffer.len().min(self.at + LONGEST_LINE);
            self.next = self.buffer.len();
            self.has_line = true;
        }
    }

    fn compact(&mut self) {
        if self.at > 0 {
            self.base += self.at as u64;
            self.buffer.drain(..self.at);
            (self.at, self.end, self.next) = (0, 0, 0);
        }
    }

    /// Finds the line that begins at `at`.
    #[inline]
    fn look(&mut self) {
        self.has_line = false;
        let rest = &self.buffer[self.at..];
        if self.is_rest || rest.first() == Some(&0) {
            self.skip();
            return;
        }
        match memchr(b'\n', rest) {
            Some(length) => {
                let length_without_end = length - usize::from(length > 0 && rest[length - 1] == b'\r');
                self.end = self.at + length_without_end.min(LONGEST_LINE);
                self.next = self.at + length + 1;
                self.has_line = true;
            }
            None if rest.len() > LONGEST_LINE => {
                self.end = self.at + LONGEST_LINE;
                self.next = self.buffer.len();
                self.has_line = true;
                self.is_rest = true;
            }
            None => {}
        }
    }

    /// Leaves out the rest of a cut line, and NUL bytes before a line.
    #[cold]
    fn skip(&mut self) {
        if self.is_rest {
            let Some(end) = memchr(b'\n', &self.buffer[self.at..]) else {
                self.at = self.buffer.len();
                return;
            };
            self.at += end + 1;
            self.is_rest = false;
        }
        let rest = &self.buffer[self.at..];
        let nuls = rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len());
        self.nuls += nuls as u64;
        self.at += nuls;
        if self.at < self.buffer.len() {
            self.look();
        }
    }
}

/// The part of `bytes` that is whole lines.
pub(super) fn whole_lines(bytes: &[u8]) -> usize {
    memrchr(b'\n', bytes).map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    /// The lines of a text that comes in pieces, with the offset behind each.
    fn lines_of(text: &[u8], piece: usize) -> (Vec<(usize, u64)>, Lines) {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        loop {
            let read = lines.fill(piece, |at, room| {
                let rest = &text[usize::try_from(at).expect("small")..];
                let count = rest.len().min(room.len());
                room[..count].copy_from_slice(&rest[..count]);
                Ok(count)
            });
            while let Some(line) = lines.line() {
                let length = line.len();
                lines.advance();
                found.push((length, lines.offset()));
            }
            if read.expect("memory can be read") == 0 {
                return (found, lines);
            }
        }
    }

    #[test]
    fn lines_are_whole_whatever_the_pieces() {
        for piece in [1, 2, 3, 7, 100] {
            let (found, lines) = lines_of(b"one\r\n\n\nthree\nunfinished", piece);
            assert_eq!(found, [(3, 5), (0, 6), (0, 7), (5, 13)], "{piece}");
            assert!(lines.has_unfinished() && lines.offset() == 13 && lines.consumed() == 4);
        }
    }

    #[test]
    fn a_long_line_is_cut_once() {
        for length in [LONGEST_LINE, LONGEST_LINE + 1, 3 * CHUNK] {
            let mut text = vec![b'x'; length];
            text.extend_from_slice(b"\nnext\n");
            for piece in [1000, CHUNK] {
                let (found, _) = lines_of(&text, piece);
                let lengths: Vec<usize> = found.iter().map(|(length, _)| *length).collect();
                assert_eq!(
                    lengths,
                    [LONGEST_LINE.min(length), 4],
                    "{length} in pieces of {piece}"
                );
            }
        }
    }

    #[test]
    fn nuls_before_a_line_are_skipped_and_counted() {
        let mut text = b"one\n".to_vec();
        text.extend_from_slice(&[0; 5000]);
        text.extend_from_slice(b"two\nth\0ree\n");
        for piece in [1, 64, CHUNK] {
            let (found, mut lines) = lines_of(&text, piece);
            let lengths: Vec<usize> = found.iter().map(|(length, _)| *length).collect();
            assert_eq!(lengths, [3, 3, 6], "{piece}");
            assert_eq!(lines.take_nuls(), 5000);
            assert_eq!(lines.offset(), text.len() as u64);
        }
    }

    #[test]
    fn whoever_goes_on_inside_a_cut_line_leaves_out_its_rest() {
        let mut lines = Lines::new(70_000, true);
        lines
            .fill(100, |at, room| {
                assert_eq!(at, 70_000);
                room[..9].copy_from_slice(b"rest\nnew\n");
                Ok(9)
            })
            .expect("memory can be read");
        assert_eq!(lines.line(), Some(&b"new"[..]));
    }
}
