//! The trail of a record: its events in the order of time, each with the raw line that it comes from.
//!
//! Goes in: raw lines, packed by whoever joined them. Comes out: events with harmless text. A busy log makes a million records a minute, and few
//! trails are ever looked at: the lines stay the bytes that they were until somebody asks for them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::record::{TrailEvent, TrailKind};
use crate::time::Micros;

/// The events of a record. See the module's documentation.
#[derive(Clone, Default)]
pub struct Trail(Form);

#[derive(Clone)]
enum Form {
    Events(Vec<TrailEvent>),
    Packed(Packed),
}

impl Default for Form {
    fn default() -> Self {
        Self::Events(Vec::new())
    }
}

/// Names of servers and programs, by number; shared by all trails that one correlator makes.
pub type Names = Arc<[String]>;

/// Raw lines of a mail, not yet made presentable.
#[derive(Clone, Debug)]
pub struct Packed {
    /// What `server` and `program` of a line mean.
    pub names: Names,
    /// Lines, queue ids and addresses, as the ranges below cut them out.
    pub text: Vec<u8>,
    /// In the order of time.
    pub lines: Vec<PackedLine>,
    /// Addresses and Message-IDs that may be shown: all others in angle brackets belong to other recipients of the mail.
    pub shown: Vec<Piece>,
}

/// A piece of [`Packed::text`]: begin and end.
pub type Piece = (u32, u32);

/// One raw line.
#[derive(Clone, Copy, Debug)]
pub struct PackedLine {
    /// The line's own time.
    pub at: Micros,
    /// Number of the server's name.
    pub server: u16,
    /// Number of the program's name.
    pub program: u16,
    /// What it means.
    pub kind: TrailKind,
    /// The queue id that the line is about; an empty piece for none.
    pub queue_id: Piece,
    /// The line itself.
    pub text: Piece,
}

/// One event, borrowed as far as it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailView<'a> {
    /// See [`TrailEvent`].
    pub at: Micros,
    /// See [`TrailEvent`].
    pub server: &'a str,
    /// See [`TrailEvent`].
    pub program: &'a str,
    /// See [`TrailEvent`].
    pub kind: TrailKind,
    /// See [`TrailEvent`].
    pub queue_id: Option<Cow<'a, str>>,
    /// See [`TrailEvent`].
    pub text: Cow<'a, str>,
}

impl Trail {
    /// A trail whose lines are made presentable when they are asked for.
    pub const fn packed(packed: Packed) -> Self {
        Self(Form::Packed(packed))
    }

    /// The raw lines, when they still are, so that their memory can be used again.
    pub fn into_packed(self) -> Option<Packed> {
        match self.0 {
            Form::Packed(packed) => Some(packed),
            Form::Events(_) => None,
        }
    }

    /// How many events there are.
    pub const fn len(&self) -> usize {
        match &self.0 {
            Form::Events(events) => events.len(),
            Form::Packed(packed) => packed.lines.len(),
        }
    }

    /// Whether nothing is known.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The events, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = TrailView<'_>> {
        (0..self.len()).filter_map(|index| match &self.0 {
            Form::Events(events) => events.get(index).map(TrailEvent::view),
            Form::Packed(packed) => packed.lines.get(index).map(|line| packed.view(line)),
        })
    }

    /// The events as plain data.
    pub fn to_events(&self) -> Vec<TrailEvent> {
        self.iter().map(TrailView::into_event).collect()
    }

    /// The events for change.
    pub fn events_mut(&mut self) -> &mut Vec<TrailEvent> {
        if let Form::Packed(_) = self.0 {
            self.0 = Form::Events(self.to_events());
        }
        match &mut self.0 {
            Form::Events(events) => events,
            Form::Packed(_) => unreachable!("the form was changed above"),
        }
    }
}

impl From<Vec<TrailEvent>> for Trail {
    fn from(events: Vec<TrailEvent>) -> Self {
        Self(Form::Events(events))
    }
}

impl PartialEq for Trail {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl Packed {
    fn view(&self, line: &PackedLine) -> TrailView<'_> {
        let name = |number: u16| self.names.get(usize::from(number)).map_or("?", String::as_str);
        let queue_id = self.piece(line.queue_id);
        TrailView {
            at: line.at,
            server: name(line.server),
            program: name(line.program),
            kind: line.kind,
            queue_id: (!queue_id.is_empty()).then(|| harmless(queue_id)),
            text: self.without_strangers(harmless(self.piece(line.text))),
        }
    }

    fn piece(&self, piece: Piece) -> &[u8] {
        self.text.get(range(piece)).unwrap_or_default()
    }

    /// The raw line with every address in angle brackets replaced that may not be shown: a filter names all recipients of a mail on one
    /// line, and they may belong to other customers.
    fn without_strangers<'a>(&self, line: Cow<'a, str>) -> Cow<'a, str> {
        let is_shown = |address: &str| {
            self.shown
                .iter()
                .any(|piece| self.piece(*piece).eq_ignore_ascii_case(address.as_bytes()))
        };
        let is_stranger = |inside: &str| inside.contains('@') && !is_shown(inside);
        if !bracketed(&line).any(|inside| is_stranger(&line[inside])) {
            return line;
        }
        let mut shown = String::with_capacity(line.len());
        let mut from = 0;
        for inside in bracketed(&line) {
            if is_stranger(&line[inside.clone()]) {
                shown.push_str(&line[from..inside.start]);
                shown.push('…');
                from = inside.end;
            }
        }
        shown.push_str(&line[from..]);
        Cow::Owned(shown)
    }
}

/// What stands between `<` and the next `>`, from the left.
fn bracketed(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let open = line.get(from..)?.find('<')? + from + 1;
        let close = line.get(open..)?.find('>')? + open;
        from = close + 1;
        Some(open..close)
    })
}

/// UTF-8 with replacement characters; control characters become a space: PostgreSQL refuses NUL, a terminal obeys the rest.
pub fn harmless(bytes: &[u8]) -> Cow<'_, str> {
    // Nearly always plain ASCII: counted to the end and not left at the first, so that the compiler looks at many bytes at a time.
    let others = bytes
        .iter()
        .map(|byte| u32::from(!matches!(byte, b' '..=b'~')))
        .sum::<u32>();
    if others == 0
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    let text = String::from_utf8_lossy(bytes);
    if !text.chars().any(char::is_control) {
        return text;
    }
    Cow::Owned(
        text.chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect(),
    )
}

fn range((begin, end): Piece) -> Range<usize> {
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    index(begin)..index(end)
}

impl TrailEvent {
    fn view(&self) -> TrailView<'_> {
        TrailView {
            at: self.at,
            server: &self.server,
            program: &self.program,
            kind: self.kind,
            queue_id: self.queue_id.as_deref().map(Cow::Borrowed),
            text: Cow::Borrowed(&self.text),
        }
    }
}

impl TrailView<'_> {
    fn into_event(self) -> TrailEvent {
        TrailEvent {
            at: self.at,
            server: self.server.to_owned(),
            program: self.program.to_owned(),
            kind: self.kind,
            queue_id: self.queue_id.map(Cow::into_owned),
            text: self.text.into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_peoples_recipients_are_not_shown() {
        let line =
            "Passed CLEAN, <s@a.test> -> <Own@k.test>,<other@b.test>, Message-ID: <1@a.test> <\u{1b}[31m>";
        let shown = "s@a.testown@k.test1@a.test";
        let end = u32::try_from(line.len()).expect("short");
        let packed = Packed {
            names: Arc::new(["?".to_owned(), "mx1".to_owned(), "amavis".to_owned()]),
            text: [line, shown].concat().into_bytes(),
            lines: vec![PackedLine {
                at: Micros(1),
                server: 1,
                program: 2,
                kind: TrailKind::Checked,
                queue_id: (0, 0),
                text: (0, end),
            }],
            shown: vec![(end, end + 8), (end + 8, end + 18), (end + 18, end + 26)],
        };
        let mut trail = Trail::packed(packed);
        let before = trail.clone();
        assert_eq!(
            trail.to_events()[0].text,
            "Passed CLEAN, <s@a.test> -> <Own@k.test>,<…>, Message-ID: <1@a.test> < [31m>"
        );
        assert_eq!((trail.to_events()[0].server.as_str(), trail.len()), ("mx1", 1));
        trail.events_mut();
        assert_eq!(trail, before, "the form does not matter");
    }

    #[test]
    fn text_is_made_harmless() {
        assert_eq!(harmless(b"a\0b\x1b[31m\xff"), "a b [31m\u{fffd}");
        assert_eq!(harmless("ä\u{9b}".as_bytes()), "ä ");
    }
}
