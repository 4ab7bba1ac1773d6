//! Parked mails between the correlator, which gave them away, and the database, which keeps them.
//!
//! Goes in: what the correlator parks and takes back. Comes out: what to save, and for a key all that is parked under it. In the database parked
//! mails change only together with the saved state: a state that is loaded after a crash finds exactly the mails that lay outside when it was
//! saved. What changed since is kept here, in a layer for each state that is on its way.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use store::ingest::ParkedMail;
use tracer::correlate::Parked;

/// Changes beyond so many bytes are saved before their time.
const MUCH: usize = 32 << 20;

/// What changed since the state that is safe in the database.
#[derive(Debug)]
pub(super) struct Attic {
    /// The oldest first; the last one is open, the others are on their way.
    layers: VecDeque<Layer>,
    /// The number of the newest state that is safe.
    safe: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Layer {
    number: u64,
    parked: HashMap<u64, Parked>,
    by_key: HashMap<u64, Vec<u64>>,
    bytes: usize,
    /// Taken back, or of no use any more: not to be looked for in what is older.
    gone: HashSet<u64>,
}

impl Attic {
    /// `safe` is told the number of each state that was committed.
    pub(super) fn new(safe: Arc<AtomicU64>) -> Self {
        let first = Layer {
            number: safe.load(Ordering::Acquire) + 1,
            ..Layer::default()
        };
        Self {
            layers: VecDeque::from([first]),
            safe,
        }
    }

    /// Keeps what the correlator gave away.
    pub(super) fn park(&mut self, parked: impl IntoIterator<Item = Parked>) {
        let Some(layer) = self.layers.back_mut() else {
            return;
        };
        for mail in parked {
            layer.bytes += mail.bytes.len();
            for key in &mail.keys {
                layer.by_key.entry(*key).or_default().push(mail.id);
            }
            layer.parked.insert(mail.id, mail);
        }
    }

    /// The mail came back, or cannot be read.
    pub(super) fn remove(&mut self, id: u64) {
        let Some(layer) = self.layers.back_mut() else {
            return;
        };
        if let Some(mail) = layer.parked.remove(&id) {
            layer.bytes -= mail.bytes.len();
            for key in &mail.keys {
                if let Some(ids) = layer.by_key.get_mut(key) {
                    ids.retain(|other| *other != id);
                }
            }
        }
        layer.gone.insert(id);
    }

    /// All that is parked under a key, in the order of their numbers; `stored` is what the database says.
    pub(super) fn find(&self, key: u64, stored: HashMap<i64, Vec<u8>>) -> BTreeMap<u64, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut gone: HashSet<u64> = HashSet::new();
        for layer in self.layers.iter().rev() {
            for id in layer.by_key.get(&key).into_iter().flatten() {
                if let Some(mail) = layer.parked.get(id)
                    && !gone.contains(id)
                {
                    found.entry(*id).or_insert_with(|| mail.bytes.clone());
                }
            }
            gone.extend(&layer.gone);
        }
        for (entry, bytes) in stored {
            let id = entry.cast_unsigned();
            if !gone.contains(&id) {
                found.entry(id).or_insert(bytes);
            }
        }
        found
    }

    /// Whether so much has changed that the state should be saved now.
    pub(super) fn is_full(&self) -> bool {
        self.layers.back().is_some_and(|layer| layer.bytes > MUCH)
    }

    /// What the next state brings with it, and its number. What is asked for until it is safe is still found here.
    pub(super) fn save(&mut self) -> (u64, Vec<ParkedMail>, Vec<i64>) {
        let safe = self.safe.load(Ordering::Acquire);
        while self.layers.len() > 1 && self.layers.front().is_some_and(|layer| layer.number <= safe) {
            self.layers.pop_front();
        }
        let Some(layer) = self.layers.back() else {
            return (safe, Vec::new(), Vec::new());
        };
        let number = layer.number;
        let parked = layer
            .parked
            .values()
            .map(|mail| ParkedMail {
                entry: mail.id.cast_signed(),
                keys: mail.keys.iter().map(|key| key.cast_signed()).collect(),
                until: mail.until,
                state: mail.bytes.clone(),
            })
            .collect();
        let gone = layer.gone.iter().map(|id| id.cast_signed()).collect();
        self.layers.push_back(Layer {
            number: number + 1,
            ..Layer::default()
        });
        (number, parked, gone)
    }
}

#[cfg(test)]
mod tests {
    use model::time::Micros;

    use super::*;

    fn mail(id: u64, key: u64, content: &[u8]) -> Parked {
        Parked {
            id,
            keys: [key].into_iter().collect(),
            until: Micros(0),
            bytes: content.to_vec(),
        }
    }

    fn ids(found: &BTreeMap<u64, Vec<u8>>) -> Vec<u64> {
        found.keys().copied().collect()
    }

    #[test]
    fn what_is_on_its_way_is_found_until_it_is_safe() {
        let safe = Arc::new(AtomicU64::new(0));
        let mut attic = Attic::new(Arc::clone(&safe));
        attic.park([mail(1, 7, b"a")]);
        let (number, parked, gone) = attic.save();
        assert_eq!((number, parked.len(), gone.len()), (1, 1, 0));
        assert_eq!(
            ids(&attic.find(7, HashMap::new())),
            [1],
            "not yet in the database"
        );
        safe.store(1, Ordering::Release);
        assert_eq!(attic.save().0, 2);
        assert!(attic.find(7, HashMap::new()).is_empty(), "the database has it");
        let stored = HashMap::from([(1, b"a".to_vec())]);
        assert_eq!(ids(&attic.find(7, stored)), [1]);
    }

    #[test]
    fn what_came_back_is_not_found_again() {
        let mut attic = Attic::new(Arc::default());
        attic.park([mail(1, 7, b"a"), mail(2, 7, b"b")]);
        attic.save();
        attic.remove(1);
        let stored = HashMap::from([(1, b"a".to_vec()), (3, b"c".to_vec())]);
        assert_eq!(ids(&attic.find(7, stored.clone())), [2, 3]);
        // Parked again, it is the new one that counts.
        attic.park([mail(1, 7, b"new")]);
        assert_eq!(attic.find(7, stored)[&1], b"new");
        let (_, parked, gone) = attic.save();
        assert_eq!((parked.len(), gone), (1, vec![1]));
    }
}
