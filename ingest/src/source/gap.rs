//! What is missing between two lines, in words for the operator and in numbers where they are known.

/// Why lines are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapKind {
    /// The file that was read before is gone, and no rotated file begins like it.
    LostFile,
    /// A file was emptied, and no copy of what it held was found.
    Truncated,
    /// NUL bytes where lines could have been: a hole that a truncated file or a power failure leaves.
    Hole,
    /// A compressed file is cut off or damaged.
    Damaged,
    /// Received and thrown away, because there was no room to keep it.
    SpoolFull,
    /// Thrown away by the kernel, because it came faster than it could be read.
    DroppedByKernel,
    /// A message that broke the protocol, and what was left out with it.
    BadMessage,
    /// Segments of the spool that the position belongs to are gone.
    LostSpool,
    /// The journal no longer holds the entry that was read last.
    LostJournal,
}

impl GapKind {
    /// One word, as the database has it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::LostFile => "lost_file",
            Self::Truncated => "truncated",
            Self::Hole => "hole",
            Self::Damaged => "damaged",
            Self::SpoolFull => "spool_full",
            Self::DroppedByKernel => "dropped_by_kernel",
            Self::BadMessage => "bad_message",
            Self::LostSpool => "lost_spool",
            Self::LostJournal => "lost_journal",
        }
    }
}

/// Lines that were not read and never will be, or may not have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// How many lines, where somebody counted them.
    pub lines: Option<u64>,
    /// How many bytes, where somebody counted them.
    pub bytes: Option<u64>,
    /// In words, one sentence or two.
    pub text: String,
}

impl Gap {
    pub(super) fn new(kind: GapKind, text: String) -> Self {
        Self {
            kind,
            lines: None,
            bytes: None,
            text,
        }
    }

    pub(super) fn with_counts(mut self, lines: Option<u64>, bytes: Option<u64>) -> Self {
        (self.lines, self.bytes) = (lines, bytes);
        self
    }
}
