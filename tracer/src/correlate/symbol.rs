//! Names that come back on every line (hosts, instances, programs) as small numbers.
//!
//! Goes in: bytes. Comes out: a [`Symbol`], the same for the same bytes. The table only grows with the number of servers and programs; hostile
//! input cannot fill it, because beyond its bound everything shares one symbol.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

/// A name in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Symbol(u16);

/// More names than any installation has; a log that forges tags shares the last one.
const BOUND: usize = 4096;

/// The table of names.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Symbols {
    numbers: HashMap<Box<[u8]>, Symbol, foldhash::fast::FixedState>,
    names: Vec<String>,
}

impl Symbols {
    pub(super) fn of(&mut self, name: &[u8]) -> Symbol {
        if let Some(symbol) = self.numbers.get(name) {
            return *symbol;
        }
        if self.names.len() >= BOUND {
            return Symbol(0);
        }
        if self.names.is_empty() {
            self.names.push("?".to_owned());
        }
        let symbol = Symbol(u16::try_from(self.names.len()).expect("invariant: BOUND fits into u16"));
        self.names.push(super::text::clean(name));
        self.numbers.insert(name.into(), symbol);
        symbol
    }

    pub(super) fn name(&self, symbol: Symbol) -> &str {
        self.names.get(usize::from(symbol.0)).map_or("?", String::as_str)
    }
}
