//! The trail of a record: the lines of all its messages that concern its recipient, packed as they are.

use model::trail::{Names, Packed, PackedLine, Piece, Trail};

use super::story::{StoredLine, Story};

/// Collects lines for one record.
pub(super) struct Packer(Packed);

impl Packer {
    /// For about so many bytes and lines, in the memory of an old trail if there is one.
    pub(super) fn new(names: Names, bytes: usize, lines: usize, old: Option<Packed>) -> Self {
        let mut packed = old.unwrap_or_else(|| Packed {
            names: Names::default(),
            text: Vec::new(),
            lines: Vec::new(),
            shown: Vec::with_capacity(8),
        });
        packed.names = names;
        packed.text.clear();
        packed.lines.clear();
        packed.shown.clear();
        packed.text.reserve(bytes);
        packed.lines.reserve(lines);
        Self(packed)
    }

    pub(super) fn text(&mut self, text: &[u8]) -> Piece {
        let begin = self.0.text.len();
        self.0.text.extend_from_slice(text);
        let end = self.0.text.len();
        match (u32::try_from(begin), u32::try_from(end)) {
            (Ok(begin), Ok(end)) => (begin, end),
            _ => (0, 0),
        }
    }

    pub(super) fn line(&mut self, story: &Story, line: &StoredLine, queue_id: Piece) {
        let text = self.text(story.get(line.text));
        self.0.lines.push(PackedLine {
            at: line.at,
            server: line.server.0,
            program: line.program.0,
            kind: line.kind,
            queue_id,
            text,
        });
    }

    /// An address or Message-ID that may stand in the lines.
    pub(super) fn show(&mut self, text: &[u8]) {
        if !text.is_empty() {
            let piece = self.text(text);
            self.0.shown.push(piece);
        }
    }

    pub(super) fn finish(mut self) -> Trail {
        self.0.lines.sort_by_key(|line| line.at);
        Trail::packed(self.0)
    }
}
