//! Every id of every vocabulary has its words in every language, with the same arguments.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use model::record::{Direction, TrailKind};
use model::verdict::{Actor, Confidence, Outcome, Reason};

const LANGUAGES: [(&str, &str); 3] = [
    ("en", include_str!("../../locales/en/verdict.ftl")),
    ("de", include_str!("../../locales/de/verdict.ftl")),
    ("it", include_str!("../../locales/it/verdict.ftl")),
];

/// What a key may be given; anything else in a sentence is a mistake.
fn arguments_for(key: &str) -> &'static [&'static str] {
    if key.starts_with("story-") && key.ends_with("-relay") {
        &["sender", "recipient", "time", "date", "relay"]
    } else if key.starts_with("story-") && key.ends_with("-next") {
        &["sender", "recipient", "time", "date", "next"]
    } else if key.starts_with("story-") {
        &["sender", "recipient", "time", "date"]
    } else if key.starts_with("trail-") && key.ends_with("-relay") {
        &["server", "program", "relay"]
    } else if key.starts_with("trail-") {
        &["server", "program"]
    } else if key == "next-try" {
        &["time"]
    } else {
        &[]
    }
}

/// Every key that the pages may ask for, from the vocabularies.
fn expected_keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for outcome in Outcome::ALL {
        keys.insert(format!("outcome-{outcome}"));
        keys.insert(format!("outcome-{outcome}-meaning"));
        for direction in Direction::ALL {
            keys.insert(format!("story-{outcome}-{direction}"));
        }
    }
    for direction in Direction::ALL {
        for (outcome, variant) in [
            (Outcome::HandedOver, "relay"),
            (Outcome::Deferred, "relay"),
            (Outcome::Deferred, "next"),
            (Outcome::Bounced, "relay"),
            (Outcome::Greylisted, "next"),
            (Outcome::Greylisted, "final"),
        ] {
            keys.insert(format!("story-{outcome}-{direction}-{variant}"));
        }
        keys.insert(format!("direction-{direction}"));
    }
    for reason in Reason::ALL {
        keys.insert(format!("reason-{reason}"));
        for direction in Direction::ALL {
            keys.insert(format!("advice-{reason}-{direction}"));
        }
    }
    keys.extend(Actor::ALL.iter().map(|actor| format!("actor-{actor}")));
    keys.extend(
        Confidence::ALL
            .iter()
            .map(|confidence| format!("confidence-{confidence}")),
    );
    keys.extend(TrailKind::ALL.iter().map(|kind| format!("trail-{kind}")));
    for kind in [
        TrailKind::Passed,
        TrailKind::HandedOver,
        TrailKind::Delivered,
        TrailKind::Deferred,
        TrailKind::Bounced,
    ] {
        keys.insert(format!("trail-{kind}-relay"));
    }
    for family in ["good", "wait", "held", "bad", "none"] {
        keys.insert(format!("family-{family}"));
    }
    keys.extend(
        [
            "final-yes",
            "final-no",
            "next-try",
            "sender-none",
            "recipient-none",
        ]
        .map(str::to_owned),
    );
    keys
}

/// The messages of a file; each is on one line.
fn messages(source: &str) -> BTreeMap<&str, &str> {
    source
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .collect()
}

fn arguments_in(message: &str) -> BTreeSet<&str> {
    message
        .split("{ $")
        .skip(1)
        .filter_map(|rest| rest.split_once(" }"))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn every_id_has_its_words_in_every_language() {
    let expected = expected_keys();
    for (language, source) in LANGUAGES {
        let found: BTreeSet<String> = messages(source).keys().map(|&key| key.to_owned()).collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        let unknown: Vec<_> = found.difference(&expected).collect();
        assert!(missing.is_empty(), "{language} lacks {missing:?}");
        assert!(
            unknown.is_empty(),
            "{language} has keys that nobody asks for: {unknown:?}"
        );
    }
}

#[test]
fn the_documentation_names_every_id() {
    let page = include_str!("../../docs/verdicts.md");
    let ids = Outcome::ALL.iter().map(|outcome| outcome.id());
    let missing: Vec<_> = ids
        .chain(Reason::ALL.iter().map(|reason| reason.id()))
        .filter(|id| !page.contains(&format!("| `{id}` |")))
        .collect();
    assert!(missing.is_empty(), "docs/verdicts.md lacks {missing:?}");
}

#[test]
fn every_language_uses_the_same_arguments() {
    let (_, english) = LANGUAGES[0];
    let english = messages(english);
    for (language, source) in LANGUAGES {
        for (key, message) in messages(source) {
            let used = arguments_in(message);
            assert_eq!(
                Some(&used),
                english.get(key).map(|text| arguments_in(text)).as_ref(),
                "{language} {key}"
            );
            let unknown: Vec<_> = used
                .iter()
                .filter(|name| !arguments_for(key).contains(name))
                .collect();
            assert!(unknown.is_empty(), "{language} {key} uses {unknown:?}");
        }
    }
}

#[test]
fn every_message_is_formatted_without_error() {
    for (language, source) in LANGUAGES {
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| errors)
            .unwrap_or_else(|errors| panic!("{language}: {errors:?}"));
        let mut bundle = FluentBundle::new(vec![language.parse().expect("a language tag")]);
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource)
            .unwrap_or_else(|errors| panic!("{language}: {errors:?}"));
        for key in expected_keys() {
            let mut arguments = FluentArgs::new();
            for name in arguments_for(&key) {
                arguments.set(*name, "X");
            }
            let pattern = bundle
                .get_message(&key)
                .and_then(|message| message.value())
                .unwrap_or_else(|| panic!("{language}: no {key}"));
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
            assert!(errors.is_empty(), "{language} {key}: {errors:?}");
            assert!(text.len() > 1 && !text.contains('$'), "{language} {key}: {text}");
        }
    }
}

#[test]
fn handed_over_is_never_called_delivered() {
    for (language, word) in [("en", "deliver"), ("de", "zugestellt"), ("it", "consegnat")] {
        let (_, source) = LANGUAGES[LANGUAGES
            .iter()
            .position(|&(name, _)| name == language)
            .expect("a language")];
        for (key, message) in messages(source) {
            let is_about_it = key.contains("handed_over");
            assert!(
                !(is_about_it && message.to_lowercase().contains(word)),
                "{language} {key}: {message}"
            );
        }
    }
}
