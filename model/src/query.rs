//! A search as a value: the same for the form, the URL and the database.
//!
//! Goes in: the fields of a GET form. Comes out: a [`MailQuery`] that `store` can run. It carries no domains: which mail may be seen is the
//! `Scope`'s business, a query only narrows it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{DomainId, RecordId, UnknownId};
use crate::record::Direction;
use crate::time::Micros;
use crate::verdict::Outcome;

/// What to look for. All parts must match; an empty query matches everything in scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailQuery {
    /// Only this direction.
    pub direction: Option<Direction>,
    /// Envelope sender.
    pub sender: Option<AddressPattern>,
    /// Envelope recipient or original recipient.
    pub recipient: Option<AddressPattern>,
    /// Part of sender, recipient, subject or reply; or a whole Message-ID or queue id.
    pub text: Option<String>,
    /// Any of these; empty means all.
    pub outcomes: Vec<Outcome>,
    /// `connected_at` not before this moment.
    pub since: Option<Micros>,
    /// `connected_at` before this moment.
    pub until: Option<Micros>,
    /// Where the page starts.
    pub cursor: Option<Cursor>,
    /// Rows on a page.
    pub page_size: PageSize,
}

/// What a command asks of the stored records of all domains, as far as a database can decide it. Who asks looks at every record again, so it
/// may be answered with more than was asked for, never with less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Any of these; empty means all.
    pub outcomes: Vec<Outcome>,
    /// `connected_at` not before this moment.
    pub since: Option<Micros>,
    /// `connected_at` before this moment.
    pub until: Option<Micros>,
    /// Envelope sender, any of these; empty means all.
    pub senders: Vec<AddressPattern>,
    /// Envelope recipient or original recipient, any of these; empty means all.
    pub recipients: Vec<AddressPattern>,
    /// Whether the trails are wanted: they are most of the bytes.
    pub with_trails: bool,
}

/// How an address is matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressPattern {
    /// `anna@kundi.test`: this address.
    Exact(String),
    /// `@kundi.test`: every address of this domain.
    Domain(String),
    /// Anything else: part of the address.
    Contains(String),
}

impl AddressPattern {
    /// Reads what a person typed; `None` for nothing.
    ///
    /// ```
    /// use model::query::AddressPattern::{Contains, Domain, Exact};
    /// use model::query::AddressPattern;
    /// assert_eq!(AddressPattern::parse(" Anna@Kundi.test "), Some(Exact("anna@kundi.test".into())));
    /// assert_eq!(AddressPattern::parse("@kundi.test"), Some(Domain("kundi.test".into())));
    /// assert_eq!(AddressPattern::parse("anna"), Some(Contains("anna".into())));
    /// assert_eq!(AddressPattern::parse("<>"), Some(Exact(String::new())));
    /// assert_eq!(AddressPattern::parse("  "), None);
    /// ```
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed == "<>" {
            return Some(Self::Exact(String::new()));
        }
        let text = crate::address::normalise(typed);
        if text.is_empty() {
            return None;
        }
        match text.rsplit_once('@') {
            Some(("", domain)) if !domain.is_empty() => Some(Self::Domain(domain.to_owned())),
            Some((local, domain)) if !local.is_empty() && domain.contains('.') => Some(Self::Exact(text)),
            _ => Some(Self::Contains(text)),
        }
    }
}

/// Rows on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageSize {
    /// 25 rows.
    Small,
    /// 50 rows.
    #[default]
    Normal,
    /// 100 rows.
    Large,
}

impl PageSize {
    /// The number of rows.
    pub const fn rows(self) -> usize {
        match self {
            Self::Small => 25,
            Self::Normal => 50,
            Self::Large => 100,
        }
    }
}

/// The place between two rows in the order (connected_at, record_id, domain_id), newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Older rows than this place, or newer ones.
    pub towards: Towards,
    /// The row at the edge.
    pub connected_at: Micros,
    /// Its id.
    pub record_id: RecordId,
    /// Its domain: a mail between two hosted domains has two rows.
    pub domain_id: DomainId,
}

/// Which way a page goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Towards {
    /// The next page.
    Older,
    /// The page before.
    Newer,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let way = match self.towards {
            Towards::Older => 'o',
            Towards::Newer => 'n',
        };
        write!(
            f,
            "{way}{}.{}.{}",
            self.connected_at.0, self.record_id, self.domain_id
        )
    }
}

impl FromStr for Cursor {
    type Err = UnknownId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let towards = match text.as_bytes().first()? {
                b'o' => Towards::Older,
                b'n' => Towards::Newer,
                _ => return None,
            };
            let mut parts = text.get(1..)?.split('.');
            let cursor = Self {
                towards,
                connected_at: Micros(parts.next()?.parse().ok()?),
                record_id: parts.next()?.parse().ok()?,
                domain_id: DomainId(parts.next()?.parse().ok()?),
            };
            parts.next().is_none().then_some(cursor)
        };
        parse().ok_or_else(|| UnknownId {
            kind: "Cursor",
            id: text.chars().take(80).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nonsense_is_refused() {
        let cursor = Cursor {
            towards: Towards::Older,
            connected_at: Micros(1_795_296_617_327_456),
            record_id: RecordId::new(Micros(1_795_296_617_327_456), 7),
            domain_id: DomainId(3),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for nonsense in ["", "o", "x1.2.3", "o1.2.3.4", "ö"] {
            assert!(nonsense.parse::<Cursor>().is_err(), "{nonsense}");
        }
    }
}
