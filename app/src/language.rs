//! The languages that Mailfate speaks, and which one a request is answered in.
//!
//! Goes in: a cookie's, a user's or a browser's wish. Comes out: a [`Language`] that there is. English is the last resort.

use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use unic_langid::LanguageIdentifier;

/// A language that all texts exist in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Italian.
    Italian,
}

impl Language {
    /// All, in the order of the language menu.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Italian];

    /// BCP 47.
    pub const fn id(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Italian => "it",
        }
    }

    /// The language of an id, if we speak it.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.id() == id)
    }

    /// The best language for a browser's `Accept-Language` header.
    pub fn from_accept_language(header: &str) -> Self {
        let wanted = parse_accepted_languages(header);
        let ours: Vec<LanguageIdentifier> = Self::ALL
            .iter()
            .filter_map(|ours| ours.id().parse().ok())
            .collect();
        negotiate_languages(&wanted, &ours, None, NegotiationStrategy::Filtering)
            .first()
            .and_then(|best| Self::from_id(best.language.as_str()))
            .unwrap_or_default()
    }

    /// Whether decimals are written with a comma.
    pub const fn has_decimal_comma(self) -> bool {
        match self {
            Self::English => false,
            Self::German | Self::Italian => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_wish_is_met_where_we_can() {
        for (header, expected) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("fr-FR,it;q=0.5", Language::Italian),
            ("en-GB", Language::English),
            ("fr", Language::English),
            ("", Language::English),
            (";;;q=,*", Language::English),
        ] {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }
}
