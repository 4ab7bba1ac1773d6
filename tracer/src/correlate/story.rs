//! What was read about a message, as the bytes of its lines: facts are pieces of them.
//!
//! A mail server writes millions of lines an hour, and each states facts that the next line repeats. Copying every fact into a string of its own
//! costs more than all the rest of the tracer, so a [`Story`] keeps the raw lines one after the other, and a fact is a [`Span`] of that text. It
//! becomes a string when a record is made.

use serde::{Deserialize, Serialize};

use model::record::TrailKind;
use model::time::Micros;

use super::Context;
use super::symbol::Symbol;

/// A piece of a story's text, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// No fact.
    pub(super) const NONE: Self = Self {
        start: u32::MAX,
        len: 0,
    };

    pub(super) const fn is_some(self) -> bool {
        self.start != u32::MAX
    }

    /// This fact, or the other when there is none.
    pub(super) const fn or(self, other: Self) -> Self {
        if self.is_some() { self } else { other }
    }

    const fn is_long(self) -> bool {
        self.len > 0 && self.is_some()
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::NONE
    }
}

/// A line of the trail.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct StoredLine {
    pub(super) at: Micros,
    pub(super) text: Span,
    pub(super) server: Symbol,
    pub(super) program: Symbol,
    /// Of a message: the delivery that the line is about. Of a refusal: the queue id. [`StoredLine::WHOLE`] concerns all.
    pub(super) about: u16,
    pub(super) kind: TrailKind,
}

impl StoredLine {
    /// Not about one delivery.
    pub(super) const WHOLE: u16 = u16::MAX;
}

/// Where the raw line of the moment lies in a story, when it was kept.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    base: Option<u32>,
}

impl Kept {
    pub(super) const fn is_kept(self) -> bool {
        self.base.is_some()
    }
}

/// Lines and facts of one message.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Story {
    text: Vec<u8>,
    pub(super) lines: Vec<StoredLine>,
}

impl Story {
    /// Keeps a line unless that would make the text longer than `most` bytes.
    pub(super) fn keep(&mut self, context: &Context<'_>, kind: TrailKind, about: u16, most: usize) -> Kept {
        let base = self.text.len();
        if base + context.raw.len() > most {
            return Kept { base: None };
        }
        self.text.extend_from_slice(context.raw);
        let text = Self::span(base, context.raw.len());
        self.lines.push(StoredLine {
            at: context.at,
            text,
            server: context.server,
            program: context.program,
            about,
            kind,
        });
        Kept {
            base: u32::try_from(base).ok(),
        }
    }

    /// Copies a line of another story.
    pub(super) fn keep_again(&mut self, other: &Self, line: &StoredLine, about: u16) {
        let text = self.put(other.get(line.text));
        self.lines.push(StoredLine { text, about, ..*line });
    }

    /// The fact `field`, of at most `most` bytes: a piece of the line that was kept a moment ago, or else copied.
    pub(super) fn fact(&mut self, kept: Kept, raw: &[u8], field: &[u8], most: usize) -> Span {
        let field = &field[..field.len().min(most)];
        let offset = field.as_ptr().addr().wrapping_sub(raw.as_ptr().addr());
        match (kept.base, u32::try_from(offset), u32::try_from(field.len())) {
            (Some(base), Ok(offset), Ok(len)) if (offset as usize) + field.len() <= raw.len() => Span {
                start: base + offset,
                len,
            },
            _ => self.put(field),
        }
    }

    /// Copies a text into the story.
    pub(super) fn put(&mut self, text: &[u8]) -> Span {
        let start = self.text.len();
        self.text.extend_from_slice(text);
        Self::span(start, text.len())
    }

    /// A fact of another story.
    pub(super) fn take(&mut self, other: &Self, span: Span) -> Span {
        if span.is_some() {
            self.put(other.get(span))
        } else {
            Span::NONE
        }
    }

    fn span(start: usize, len: usize) -> Span {
        match (u32::try_from(start), u32::try_from(len)) {
            (Ok(start), Ok(len)) if start != u32::MAX => Span { start, len },
            // Four gigabytes of one mail's lines: the bounds stop long before.
            _ => Span::NONE,
        }
    }

    /// The bytes of a fact; empty for none.
    pub(super) fn get(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.text
            .get(start..start + span.len as usize)
            .unwrap_or_default()
    }

    /// The bytes of a fact, if there is one.
    pub(super) fn find(&self, span: Span) -> Option<&[u8]> {
        span.is_some().then(|| self.get(span))
    }

    pub(super) const fn len(&self) -> usize {
        self.text.len()
    }

    /// Bytes of memory in use.
    pub(super) const fn weight(&self) -> usize {
        self.text.len() + self.lines.len() * size_of::<StoredLine>()
    }

    /// Moves the lines and the given facts into a text of their own, without what nothing refers to any more.
    pub(super) fn compact<'a>(&mut self, facts: impl Iterator<Item = &'a mut Span>) {
        let old = std::mem::take(&mut self.text);
        let mut moved: Vec<(Span, u32)> = Vec::with_capacity(self.lines.len());
        for line in &mut self.lines {
            let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
            let before = line.text;
            self.text.extend_from_slice(
                old.get(before.start as usize..(before.start + before.len) as usize)
                    .unwrap_or_default(),
            );
            line.text.start = start;
            moved.push((before, start));
        }
        for fact in facts.filter(|fact| fact.is_long()) {
            // Lines lie in the text in the order in which they were kept.
            let line = moved.partition_point(|(before, _)| before.start <= fact.start);
            let inside = line
                .checked_sub(1)
                .and_then(|line| moved.get(line))
                .filter(|(before, _)| fact.start + fact.len <= before.start + before.len);
            fact.start = if let Some((before, start)) = inside {
                start + (fact.start - before.start)
            } else {
                let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
                self.text.extend_from_slice(
                    old.get(fact.start as usize..(fact.start + fact.len) as usize)
                        .unwrap_or_default(),
                );
                start
            };
        }
    }

    /// An empty story in the same memory.
    pub(super) fn cleared(mut self) -> Self {
        self.text.clear();
        self.lines.clear();
        self
    }

    /// Bytes of memory that a cleared story would hold on to.
    pub(super) const fn capacity(&self) -> usize {
        self.text.capacity() + self.lines.capacity() * size_of::<StoredLine>()
    }
}
