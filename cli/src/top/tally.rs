//! Counts by name, in bounded memory.
//!
//! Goes in: names and counts. Comes out: the largest. When there are too many names, all that were seen once are forgotten, then those seen twice,
//! and so on (lossy counting): what is large stays, and how large a forgotten name can have been is known.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use hashbrown::{HashMap, HashSet};
use model::ids::RecordId;
use model::record::Record;

/// Different names at once.
const MOST_NAMES: usize = 1_000_000;
/// An example of a reply is cut at so many letters.
const LONGEST_EXAMPLE: usize = 200;

/// Mails whose further recipients may still come: in a log they come when they end, which may be hours after each other.
const MAILS_REMEMBERED: usize = 1 << 16;

/// What is counted for one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Mails; for a domain, those to it.
    pub(super) mails: u64,
    /// Recipients of these mails.
    pub(super) recipients: u64,
    /// Recipients that were not reached.
    pub(super) failures: u64,
    /// Octets, each mail once.
    pub(super) bytes: u64,
    /// Mails from a domain.
    pub(super) out_mails: u64,
    /// Those of them that failed.
    pub(super) out_failures: u64,
    /// Their octets.
    pub(super) out_bytes: u64,
}

impl Count {
    const fn plus(self, other: Self) -> Self {
        Self {
            mails: self.mails + other.mails,
            recipients: self.recipients + other.recipients,
            failures: self.failures + other.failures,
            bytes: self.bytes.saturating_add(other.bytes),
            out_mails: self.out_mails + other.out_mails,
            out_failures: self.out_failures + other.out_failures,
            out_bytes: self.out_bytes.saturating_add(other.out_bytes),
        }
    }

    /// By what names are put in order.
    const fn rank(&self) -> u64 {
        self.mails + self.out_mails
    }
}

/// A text that shows what is counted: that of the earliest record, so that the order in which records come does not matter.
#[derive(Debug)]
struct Example {
    of: RecordId,
    text: String,
}

/// Counts by name.
#[derive(Debug)]
pub(super) struct Tally {
    most: usize,
    counts: HashMap<String, (Count, Option<Example>), foldhash::fast::RandomState>,
    /// Names that were seen so often or less were forgotten.
    forgotten: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self::bounded(MOST_NAMES)
    }
}

impl Tally {
    fn bounded(most: usize) -> Self {
        Self {
            most,
            counts: HashMap::default(),
            forgotten: 0,
        }
    }

    /// Adds to a name's counts.
    pub(super) fn add(&mut self, name: &str, count: Count) {
        let known = self.counts.entry_ref(name).or_default();
        known.0 = known.0.plus(count);
        if self.counts.len() > self.most {
            self.forget_rare();
        }
    }

    /// The same; of all texts that are not empty the one of the earliest record is kept.
    pub(super) fn add_example(&mut self, name: &str, count: Count, record: RecordId, text: &str) {
        self.add(name, count);
        if let Some((_, kept)) = self.counts.get_mut(name)
            && kept.as_ref().is_none_or(|kept| record < kept.of)
            && !text.is_empty()
        {
            *kept = Some(Example {
                of: record,
                text: text.chars().take(LONGEST_EXAMPLE).collect(),
            });
        }
    }

    fn forget_rare(&mut self) {
        while self.counts.len() > self.most / 2 {
            self.forgotten += 1;
            let forgotten = self.forgotten;
            self.counts.retain(|_, (count, _)| count.rank() > forgotten);
        }
    }

    /// A name that occurred more often than this is surely counted; 0 when nothing was forgotten.
    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The largest counts, of names that `is_wanted`; all when `number` is 0. Equal ones by name.
    pub(super) fn largest(
        self,
        number: usize,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Vec<(String, Count, Option<String>)> {
        let mut all: Vec<(String, Count, Option<String>)> = self
            .counts
            .into_iter()
            .filter(|(name, _)| is_wanted(name))
            .map(|(name, (count, example))| (name, count, example.map(|example| example.text)))
            .collect();
        all.sort_unstable_by(|one, other| {
            other
                .1
                .rank()
                .cmp(&one.1.rank())
                .then_with(|| one.0.cmp(&other.0))
        });
        if number > 0 {
            all.truncate(number);
        }
        all
    }
}

/// Tells the first record of a mail from those of its other recipients: they come not too far behind each other.
#[derive(Debug, Default)]
pub(super) struct Mails {
    recent: VecDeque<u64>,
    known: HashSet<u64, foldhash::fast::RandomState>,
    hasher: foldhash::fast::FixedState,
}

impl Mails {
    /// Whether no recipient of this mail was seen lately.
    pub(super) fn is_new(&mut self, record: &Record) -> bool {
        let Some(queue_id) = record.queue_ids.first() else {
            return true;
        };
        let mail = self
            .hasher
            .hash_one((&record.server, queue_id, record.connected_at));
        if !self.known.insert(mail) {
            return false;
        }
        self.recent.push_back(mail);
        if self.recent.len() > MAILS_REMEMBERED
            && let Some(oldest) = self.recent.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_survives_any_number_of_rare_names() {
        let mut tally = Tally::bounded(1000);
        let one = Count {
            mails: 1,
            ..Count::default()
        };
        for number in 0..15_000 {
            tally.add(&number.to_string(), one);
            if number % 10 == 0 {
                tally.add("often", one);
            }
        }
        assert!(tally.counts.len() <= 1000);
        assert!(tally.forgotten() > 0);
        let largest = tally.largest(1, |_| true);
        assert_eq!(
            largest
                .first()
                .map(|(name, count, _)| (name.as_str(), count.mails)),
            Some(("often", 1500))
        );
    }
}
