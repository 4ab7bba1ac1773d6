//! A search of the mail log as its URL: what was typed, field by field.
//!
//! Goes in: the parameters of the URL, which are the fields of the GET form. Comes out: [`LogQuery`] and links to its neighbours. It holds
//! text as typed, also what cannot be understood, so that the form can show it again; `present::search` makes a typed query of it.

use leptos_router::params::ParamsMap;
use model::verdict::Family;
use serde::{Deserialize, Serialize};

/// The parameters of `/mail`. Empty means not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogQuery {
    /// `inbound`, `outbound`.
    pub direction: String,
    /// Plain words, a Message-ID or a queue id.
    pub text: String,
    /// Envelope sender or a part of it.
    pub sender: String,
    /// Recipient or a part of it.
    pub recipient: String,
    /// First day, `2026-11-22`, in the viewer's zone.
    pub since: String,
    /// Last day.
    pub until: String,
    /// An outcome's id, or `good`, `wait`, `kept`, `bad` for a family.
    pub outcome: String,
    /// One of the viewer's domains.
    pub domain: String,
    /// Where the page starts.
    pub cursor: String,
}

/// The families one can ask for. The family of held mail is called `kept` here, because `held` is an outcome.
pub const ASKABLE_FAMILIES: [(&str, Family); 4] = [
    ("good", Family::Good),
    ("wait", Family::Wait),
    ("kept", Family::Held),
    ("bad", Family::Bad),
];

/// A family's id in locale keys and class names.
pub const fn family_id(family: Family) -> &'static str {
    match family {
        Family::Good => "good",
        Family::Wait => "wait",
        Family::Held => "held",
        Family::Bad => "bad",
        Family::None => "none",
    }
}

impl LogQuery {
    /// Reads the URL's parameters; unknown ones are ignored.
    pub fn from_params(params: &ParamsMap) -> Self {
        let field = |name: &str| params.get(name).unwrap_or_default();
        Self {
            direction: field("direction"),
            text: field("text"),
            sender: field("sender"),
            recipient: field("recipient"),
            since: field("since"),
            until: field("until"),
            outcome: field("outcome"),
            domain: field("domain"),
            cursor: field("cursor"),
        }
    }

    /// The fields in the order of the URL.
    fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("direction", &self.direction),
            ("text", &self.text),
            ("sender", &self.sender),
            ("recipient", &self.recipient),
            ("since", &self.since),
            ("until", &self.until),
            ("outcome", &self.outcome),
            ("domain", &self.domain),
            ("cursor", &self.cursor),
        ]
    }

    /// The URL of this search.
    pub fn href(&self) -> String {
        let mut href = String::from("/mail");
        let mut separator = '?';
        for (name, value) in self.fields() {
            if !value.is_empty() {
                href.push(separator);
                href.push_str(name);
                href.push('=');
                push_encoded(&mut href, value);
                separator = '&';
            }
        }
        href
    }

    /// The same search on its first page, changed.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = Self {
            cursor: String::new(),
            ..self.clone()
        };
        change(&mut changed);
        changed
    }

    /// Whether a field behind "More filters" is set. A family is not: it has a chip of its own.
    pub fn has_details(&self) -> bool {
        let is_family = ASKABLE_FAMILIES.iter().any(|(id, _)| *id == self.outcome);
        let details = [
            &self.sender,
            &self.recipient,
            &self.since,
            &self.until,
            &self.domain,
        ];
        details.iter().any(|value| !value.is_empty()) || !(is_family || self.outcome.is_empty())
    }

    /// Whether nothing narrows the log.
    pub fn is_everything(&self) -> bool {
        self.fields()
            .iter()
            .all(|(name, value)| *name == "cursor" || value.is_empty())
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986 and a few that are harmless in a path or query and good to read.
pub fn push_encoded(into: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@:,".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_its_url() {
        let query = LogQuery {
            text: "50 % & mehr=größer".to_owned(),
            sender: "a+b@kundi.test".to_owned(),
            ..LogQuery::default()
        };
        assert_eq!(
            query.href(),
            "/mail?text=50%20%25%20%26%20mehr%3Dgr%C3%B6%C3%9Fer&sender=a%2Bb@kundi.test"
        );
    }

    #[test]
    fn a_changed_search_starts_on_its_first_page() {
        let query = LogQuery {
            text: "x".to_owned(),
            cursor: "o1.2.3".to_owned(),
            ..LogQuery::default()
        };
        let changed = query.with(|query| query.direction = "inbound".to_owned());
        assert_eq!(changed.href(), "/mail?direction=inbound&text=x");
        assert_eq!(LogQuery::default().href(), "/mail");
    }
}
