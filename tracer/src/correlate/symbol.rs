//! Names that come back on every line (hosts, instances, programs) as small numbers, and where a line comes from in one look.
//!
//! Goes in: bytes. Comes out: a [`Symbol`], the same for the same bytes. The table only grows with the number of servers and programs; hostile
//! input cannot fill it, because beyond its bound everything shares one symbol.

use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashTable};
use model::trail::Names;
use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;
use crate::line::LogLine;

/// A name in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Symbol(pub(super) u16);

/// More names than any installation has; a log that forges tags shares the last one.
const BOUND: usize = 4096;

/// What host and tag of a line say together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) dialect: Dialect,
    pub(super) host: Symbol,
    /// The instance; the host when Postfix runs under its own name.
    pub(super) server: Symbol,
    pub(super) program: Symbol,
    pub(super) tag: Symbol,
    /// A service for people who send with a password (RFC 6409): `submission`, `submissions`, `smtps`.
    pub(super) is_submission: bool,
}

/// Host, tag, and what they say.
type Known = (Box<[u8]>, Box<[u8]>, Origin);

/// The table of names.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Symbols {
    numbers: HashMap<Box<[u8]>, Symbol, foldhash::fast::FixedState>,
    names: Vec<String>,
    #[serde(skip)]
    shared: Option<Names>,
    #[serde(skip)]
    origins: HashTable<Known>,
    #[serde(skip)]
    hasher: RandomState,
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
        self.shared = None;
        symbol
    }

    /// Where a line comes from and who reads it.
    pub(super) fn origin(&mut self, line: &LogLine<'_>) -> Origin {
        use std::hash::{BuildHasher, Hasher};
        let mut hasher = self.hasher.build_hasher();
        hasher.write(line.host);
        hasher.write(line.tag);
        let hash = hasher.finish();
        let known = self
            .origins
            .find(hash, |(host, tag, _)| &**tag == line.tag && &**host == line.host);
        if let Some((_, _, origin)) = known {
            return *origin;
        }
        let host = self.of(line.host);
        let origin = Origin {
            dialect: Dialect::of(line),
            host,
            server: match line.instance() {
                b"" | b"postfix" => host,
                instance => self.of(instance),
            },
            program: self.of(line.program()),
            tag: self.of(line.tag),
            is_submission: line
                .tag
                .split(|byte| *byte == b'/')
                .any(|part| matches!(part, b"submission" | b"submissions" | b"smtps")),
        };
        if self.origins.len() < BOUND {
            let rehash = |(host, tag, _): &Known| {
                let mut hasher = self.hasher.build_hasher();
                hasher.write(host);
                hasher.write(tag);
                hasher.finish()
            };
            self.origins
                .insert_unique(hash, (line.host.into(), line.tag.into(), origin), rehash);
        }
        origin
    }

    /// All names as they stood in the lines, by symbol; empty for the one that stands for all beyond the bound.
    pub(super) fn spelled(&self) -> Vec<Option<Vec<u8>>> {
        let mut spelled = vec![None; self.names.len()];
        for (name, symbol) in &self.numbers {
            if let Some(place) = spelled.get_mut(usize::from(symbol.0)) {
                *place = Some(name.to_vec());
            }
        }
        spelled
    }

    pub(super) fn name(&self, symbol: Symbol) -> &str {
        self.names.get(usize::from(symbol.0)).map_or("?", String::as_str)
    }

    /// Makes what [`Symbols::names`] gives, before records are made.
    pub(super) fn share(&mut self) {
        if self.shared.is_none() {
            self.shared = Some(self.names.clone().into());
        }
    }

    /// All names, for trails.
    pub(super) fn names(&self) -> Names {
        self.shared.as_ref().map_or_else(|| Arc::new([]), Arc::clone)
    }
}
