//! What was typed into the form, as a question to the store.
//!
//! Goes in: the URL's fields and the viewer's scope. Comes out: a [`Search`], and a note for each field that could not be understood: a
//! misspelt day must not look like a finding.

use model::ids::DomainId;
use model::query::{AddressPattern, MailQuery, PageSize};
use model::record::Direction;
use model::time::Micros;
use model::verdict::Outcome;
use store::Scope;

use crate::format::Format;
use crate::log_query::{ASKABLE_FAMILIES, LogQuery};
use crate::present::hostile::visible;

/// A question to the store.
pub struct Search {
    /// What to look for.
    pub query: MailQuery,
    /// In which domains; `None` is all in scope.
    pub domains: Option<Vec<DomainId>>,
    /// What was not understood, in the viewer's language.
    pub notes: Vec<String>,
}

impl Search {
    /// Reads the fields. A domain that is not in scope is treated like one that does not exist.
    pub fn new(typed: &LogQuery, scope: &Scope, format: &Format) -> Self {
        let mut notes = Notes {
            format,
            list: Vec::new(),
        };
        let since = notes.day(&typed.since, Format::start_of_day);
        let until = notes.day(&typed.until, Format::end_of_day);
        let outcomes = outcomes(&typed.outcome).unwrap_or_else(|| {
            notes.add("note-bad-outcome", &typed.outcome);
            Vec::new()
        });
        let domain = typed.domain.trim().to_lowercase();
        let domains = (!domain.is_empty()).then(|| {
            let found = scope.domain(&domain);
            if found.is_none() {
                notes.add("note-unknown-domain", &typed.domain);
            }
            found.iter().map(|domain| domain.domain_id).collect()
        });
        let text = typed.text.trim();
        Self {
            query: MailQuery {
                direction: Direction::from_id(&typed.direction),
                sender: AddressPattern::parse(&typed.sender),
                recipient: AddressPattern::parse(&typed.recipient),
                text: (!text.is_empty()).then(|| text.to_owned()),
                outcomes,
                since,
                until,
                // A cursor that is none comes from a hand-made URL; the first page is the best answer.
                cursor: typed.cursor.parse().ok(),
                page_size: PageSize::Normal,
            },
            domains,
            notes: notes.list,
        }
    }
}

/// What could not be understood.
struct Notes<'a> {
    format: &'a Format,
    list: Vec<String>,
}

impl Notes<'_> {
    fn add(&mut self, key: &str, value: &str) {
        let value = visible(value);
        self.list
            .push(self.format.texts().say_with(key, &[("value", value.into())]));
    }

    fn day(&mut self, typed: &str, read: fn(&Format, &str) -> Option<Micros>) -> Option<Micros> {
        let moment = read(self.format, typed);
        if moment.is_none() && !typed.trim().is_empty() {
            self.add("note-bad-day", typed);
        }
        moment
    }
}

/// The outcomes of an outcome's or a family's id; `None` for nonsense, all (as an empty list) for nothing.
fn outcomes(id: &str) -> Option<Vec<Outcome>> {
    if id.is_empty() {
        return Some(Vec::new());
    }
    if let Some(outcome) = Outcome::from_id(id) {
        return Some(vec![outcome]);
    }
    let (_, family) = ASKABLE_FAMILIES.into_iter().find(|(askable, _)| *askable == id)?;
    let in_family = Outcome::ALL
        .iter()
        .copied()
        .filter(|outcome| outcome.family() == family);
    Some(in_family.collect())
}
