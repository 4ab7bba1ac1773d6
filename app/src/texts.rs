//! Sentences in the viewer's language, by Fluent.
//!
//! Goes in: a locale key and arguments. Comes out: text for people. The files in `locales/<language>/` are compiled in; a mistake in one of
//! them stops the tests, not a page: there a key without text shows itself.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;
use model::record::Direction;
use model::verdict::Outcome;

use crate::language::Language;
use crate::log_query::{ASKABLE_FAMILIES, family_id};

/// One language's texts.
pub struct Texts {
    bundle: FluentBundle<FluentResource>,
    words: BTreeMap<String, String>,
}

/// The files of a language. The first is sent to the browser; the others serve to make sentences here.
macro_rules! sources {
    ($language:literal) => {
        [
            include_str!(concat!("../../locales/", $language, "/ui.ftl")),
            include_str!(concat!("../../locales/", $language, "/page.ftl")),
            include_str!(concat!("../../locales/", $language, "/format.ftl")),
            include_str!(concat!("../../locales/", $language, "/country.ftl")),
            include_str!(concat!("../../locales/", $language, "/verdict.ftl")),
        ]
    };
}

/// The names of the files in [`Texts::sources`].
pub const FILES: [&str; 5] = ["ui.ftl", "page.ftl", "format.ftl", "country.ftl", "verdict.ftl"];

static ENGLISH: LazyLock<Texts> = LazyLock::new(|| Texts::new(Language::English));
static GERMAN: LazyLock<Texts> = LazyLock::new(|| Texts::new(Language::German));
static ITALIAN: LazyLock<Texts> = LazyLock::new(|| Texts::new(Language::Italian));

impl Texts {
    /// The texts of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::Italian => &ITALIAN,
        }
    }

    /// The compiled-in files of a language, in the order of [`FILES`].
    pub const fn sources(language: Language) -> [&'static str; 5] {
        match language {
            Language::English => sources!("en"),
            Language::German => sources!("de"),
            Language::Italian => sources!("it"),
        }
    }

    fn new(language: Language) -> Self {
        let id = language
            .id()
            .parse()
            .expect("invariant: our language ids are valid");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // The marks would keep `grep`, copies and comparisons from finding an address; the pages isolate with <bdi>.
        bundle.set_use_isolating(false);
        let mut ui_keys = Vec::new();
        for (number, source) in Self::sources(language).into_iter().enumerate() {
            let resource = match FluentResource::try_new(source.to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            if number == 0 {
                ui_keys = keys_of(&resource);
            }
            bundle.add_resource_overriding(resource);
        }
        let mut texts = Self {
            bundle,
            words: BTreeMap::new(),
        };
        texts.words = ui_keys
            .into_iter()
            .chain(words_of_verdicts())
            .map(|key| (key.clone(), texts.say(&key)))
            .collect();
        texts
    }

    /// The words of the interface, for the browser.
    pub fn words(&self) -> BTreeMap<String, String> {
        self.words.clone()
    }

    /// A text without arguments.
    pub fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// A text with arguments.
    pub fn say_with(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.find(key, arguments).unwrap_or_else(|| {
            tracing::error!(key, "a text is missing");
            key.to_owned()
        })
    }

    /// A text that need not exist.
    pub fn find(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let arguments: FluentArgs<'_> = arguments.iter().cloned().collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        if !errors.is_empty() {
            tracing::error!(key, ?errors, "a text could not be put together");
        }
        Some(text.into_owned())
    }
}

/// The few words of `verdict.ftl` that the search form needs.
fn words_of_verdicts() -> impl Iterator<Item = String> {
    let outcomes = Outcome::ALL.iter().map(|outcome| format!("outcome-{outcome}"));
    let families = ASKABLE_FAMILIES.map(|(_, family)| format!("family-{}", family_id(family)));
    let directions = Direction::ALL
        .iter()
        .map(|direction| format!("direction-{direction}"));
    outcomes.chain(families).chain(directions)
}

fn keys_of(resource: &FluentResource) -> Vec<String> {
    resource
        .entries()
        .filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.id.name.to_owned()),
            _ => None,
        })
        .collect()
}
