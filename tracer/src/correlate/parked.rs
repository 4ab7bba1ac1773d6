//! The form in which idle mails lie outside the correlator, and the keys that they are found by.
//!
//! Goes in: the messages of one mail, taken out of the correlator's memory. Comes out: a [`Parked`], and from its bytes the messages again. The
//! bytes hold everything that the correlator remembered and mean the same in any process: names are written out instead of their symbols.

use compact_str::CompactString;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry as Slot;
use model::time::Micros;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::message::Message;
use super::symbol::{Symbol, Symbols};
use crate::event::names::Name;

/// The form of the bytes: counted up whenever [`Message`] or anything in it is written differently. A test holds the two together.
const FORMAT: u8 = 1;
/// The form, and eight bytes of the content's hash.
const HEAD: usize = 1 + CHECK;
const CHECK: usize = 8;
/// Keys that are known at once. Beyond it mails are forgotten as if there was no parking; so many take about 30 MB.
const KEYS: usize = 1_800_000;
/// The unit of [`Lot::until`].
const HOUR: i64 = 3_600_000_000;

/// Keys of one mail: most have a queue id or two.
pub type ParkedKeys = SmallVec<[u64; 4]>;

/// An idle mail that the correlator gave away to keep its memory flat: one root with everything that our filters and servers made of it.
///
/// Whoever keeps it hands `bytes` back to [`super::Correlator::unpark`] when a line asks for one of its keys. Entries and the correlator's saved
/// state belong together: a state that is loaded again needs exactly the entries that lay outside when it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The same each time this mail is parked, and no other mail's: of host, server, queue id and first moment.
    pub id: u64,
    /// Hashes of every name that a line may call the mail by. Other mails may share some. The same on every machine and in every version.
    pub keys: ParkedKeys,
    /// When the log's time is later, no line is expected any more, and the entry can be deleted.
    pub until: Micros,
    /// Everything that is remembered of the mail.
    pub bytes: Vec<u8>,
}

/// Why a parked mail could not be taken back. Its records stay as they were written last.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParkedError {
    /// Written by another version.
    #[error(
        "a parked mail was written in form {found}, and this program reads form {FORMAT}: its later lines make a record of their own"
    )]
    OtherForm {
        /// The form of the bytes.
        found: u8,
    },
    /// The bytes are not those that were written.
    #[error("a parked mail's {length} bytes are damaged: its later lines make a record of their own")]
    Damaged {
        /// How many there are.
        length: usize,
    },
}

/// The key of a name: FNV-1a (RFC 9923) of its kind and bytes, its bits mixed once more. Only for finding: who is found is looked at closely.
pub(super) fn key(name: Name<'_>) -> u64 {
    let (kind, name) = match name {
        Name::QueueId(id) => (b'q', id),
        Name::MailId(id) => (b'm', id),
    };
    let mut hash = fnv(0xcbf2_9ce4_8422_2325, &[kind]);
    hash = fnv(hash, name);
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// What makes a mail unique, as its root's first line tells it.
pub(super) fn id(host: &str, server: &str, queue_id: &str, born: Micros) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&born.0.to_be_bytes());
    for part in [host, server, queue_id] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_be_bytes(first)
}

/// The keys of all mails that lie outside.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Whether anybody keeps what is parked.
    pub(super) is_on: bool,
    lots: HashMap<Halves, Lot, RandomState>,
}

/// A key in two halves, so that it takes no padding beside a [`Lot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Halves(u32, u32);

impl Halves {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    const fn of(key: u64) -> Self {
        Self((key >> 32) as u32, key as u32)
    }
}

/// How many mails have a key, in the lowest byte, and the last hour of the latest.
#[derive(Clone, Copy, Debug)]
struct Lot(u32);

impl Lot {
    /// So many that they are not counted any more; they go with their hour.
    const MANY: u32 = 0xff;

    fn new(until: Micros) -> Self {
        let hour = (until.0.div_euclid(HOUR) + 1).clamp(0, 0xff_ffff);
        Self(u32::try_from(hour).unwrap_or_default() << 8 | 1)
    }

    const fn mails(self) -> u32 {
        self.0 & Self::MANY
    }

    /// In hours since 1970.
    const fn until(self) -> u32 {
        self.0 >> 8
    }

    fn and(self, other: Self) -> Self {
        let mails = (self.mails() + other.mails()).min(Self::MANY);
        Self(self.until().max(other.until()) << 8 | mails)
    }
}

impl Index {
    pub(super) fn is_empty(&self) -> bool {
        self.lots.is_empty()
    }

    pub(super) fn contains(&self, key: u64) -> bool {
        self.lots.contains_key(&Halves::of(key))
    }

    pub(super) fn has_room(&self, keys: usize) -> bool {
        self.lots.len() + keys <= KEYS
    }

    pub(super) fn insert(&mut self, key: u64, until: Micros) {
        let lot = Lot::new(until);
        match self.lots.entry(Halves::of(key)) {
            Slot::Occupied(mut known) => {
                let both = known.get().and(lot);
                known.insert(both);
            }
            Slot::Vacant(free) => {
                free.insert(lot);
            }
        }
    }

    /// One mail less has this key.
    pub(super) fn remove_one(&mut self, key: u64) {
        if let Slot::Occupied(mut known) = self.lots.entry(Halves::of(key)) {
            match known.get().mails() {
                Lot::MANY => {}
                0 | 1 => {
                    known.remove();
                }
                _ => known.get_mut().0 -= 1,
            }
        }
    }

    /// Nothing has this key.
    pub(super) fn remove(&mut self, key: u64) {
        self.lots.remove(&Halves::of(key));
    }

    pub(super) fn clear(&mut self) {
        self.lots.clear();
    }

    /// Forgets the keys of mails that are deleted by now.
    pub(super) fn expire(&mut self, now: Micros) {
        self.lots
            .retain(|_, lot| i64::from(lot.until()) > now.0.div_euclid(HOUR));
    }
}

/// The messages of one mail outside the correlator. Parents and children are positions in `messages`, symbols are positions in `names`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tree {
    /// Nothing for the symbol that stands for all beyond the bound of the table.
    names: Vec<Option<Vec<u8>>>,
    /// The root first, parents before their children.
    pub(super) messages: Vec<Message>,
    /// Messages whose parent's queue id is known and was not seen yet.
    pub(super) orphans: Vec<(u32, CompactString)>,
}

impl Tree {
    /// Of messages with the correlator's symbols; `spelled` holds the names of all of them.
    pub(super) fn new(
        mut messages: Vec<Message>,
        orphans: Vec<(u32, CompactString)>,
        spelled: &[Option<Vec<u8>>],
    ) -> Self {
        let mut names: Vec<Option<Vec<u8>>> = Vec::new();
        let mut known: SmallVec<[(Symbol, Symbol); 8]> = SmallVec::new();
        for message in &mut messages {
            message.each_symbol(|symbol| {
                let found = known.iter().find(|(before, _)| before == symbol).copied();
                let (_, position) = found.unwrap_or_else(|| {
                    let position = u16::try_from(names.len()).unwrap_or(u16::MAX);
                    names.push(spelled.get(usize::from(symbol.0)).cloned().flatten());
                    known.push((*symbol, Symbol(position)));
                    (*symbol, Symbol(position))
                });
                *symbol = position;
            });
        }
        Self {
            names,
            messages,
            orphans,
        }
    }

    /// Every key that a line may ask for.
    pub(super) fn keys(&self) -> ParkedKeys {
        let mut keys = ParkedKeys::new();
        for message in &self.messages {
            keys.push(key(Name::QueueId(message.queue_id.as_bytes())));
            if let Some(mail_id) = &message.quarantined_as {
                keys.push(key(Name::MailId(mail_id.as_bytes())));
            }
        }
        for (_, parent) in &self.orphans {
            keys.push(key(Name::QueueId(parent.as_bytes())));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; HEAD];
        bytes[0] = FORMAT;
        let mut bytes =
            postcard::to_extend(self, bytes).expect("invariant: plain data has a form, and memory grows");
        let check = check(&bytes[HEAD..]);
        bytes[1..HEAD].copy_from_slice(&check);
        bytes
    }

    /// The messages with this correlator's symbols.
    pub(super) fn from_bytes(bytes: &[u8], symbols: &mut Symbols) -> Result<Self, ParkedError> {
        let damaged = ParkedError::Damaged { length: bytes.len() };
        match bytes.first() {
            Some(&FORMAT) => {}
            Some(found) => return Err(ParkedError::OtherForm { found: *found }),
            None => return Err(damaged),
        }
        let Some((head, content)) = bytes.split_at_checked(HEAD) else {
            return Err(damaged);
        };
        if head[1..] != check(content) {
            return Err(damaged);
        }
        let mut tree: Self = postcard::from_bytes(content).map_err(|_| damaged.clone())?;
        if tree.messages.is_empty() {
            return Err(damaged);
        }
        let spelled: Vec<Symbol> = tree
            .names
            .iter()
            .map(|name| name.as_ref().map_or(Symbol(0), |name| symbols.of(name)))
            .collect();
        for message in &mut tree.messages {
            message.each_symbol(|symbol| {
                *symbol = spelled.get(usize::from(symbol.0)).copied().unwrap_or(Symbol(0));
            });
        }
        Ok(tree)
    }
}

fn check(content: &[u8]) -> [u8; CHECK] {
    let mut check = [0; CHECK];
    check.copy_from_slice(&blake3::hash(content).as_bytes()[..CHECK]);
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_everywhere_and_for_ever() {
        // Keys lie in databases: whoever changes these numbers loses what is parked there.
        assert_eq!(key(Name::QueueId(b"4jX52x4FBkz1WbZ5")), 9_392_902_461_647_901_992);
        assert_eq!(key(Name::MailId(b"4jX52x4FBkz1WbZ5")), 12_234_001_764_040_241_835);
        assert_eq!(
            id("mail1", "mx1", "4jX52x4FBkz1WbZ5", Micros(1_795_296_618_000_000)),
            4_080_789_501_209_706_218
        );
    }

    #[test]
    fn a_key_is_known_as_long_as_a_mail_has_it() {
        let mut index = Index::default();
        let later = Micros(50 * HOUR);
        index.insert(1, Micros(10 * HOUR));
        index.insert(1, later);
        index.insert(2, Micros(10 * HOUR));
        index.remove_one(1);
        assert!(index.contains(1));
        index.expire(Micros(10 * HOUR));
        assert!(index.contains(2), "not before the hour is over");
        index.expire(Micros(12 * HOUR));
        assert!(index.contains(1) && !index.contains(2));
        index.remove_one(1);
        assert!(index.is_empty());
        for _ in 0..300 {
            index.insert(3, later);
        }
        for _ in 0..300 {
            index.remove_one(3);
        }
        assert!(index.contains(3), "too many to count");
        index.expire(Micros(52 * HOUR));
        assert!(index.is_empty());
    }
}
