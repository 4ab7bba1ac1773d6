//! The three languages say the same things: every key that the source uses exists everywhere, with the same arguments, and no key is left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use app::chrome::LANGUAGES;
use app::language::Language;
use app::problem::ProblemKind;
use app::texts::{FILES, Texts};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;
use model::record::{Direction, TrailKind};
use model::verdict::{Actor, Confidence, Outcome, Reason};

type Arguments = BTreeSet<String>;

#[test]
fn all_languages_have_the_same_keys_and_arguments() {
    for (number, file) in FILES.iter().enumerate() {
        let english = messages(Texts::sources(Language::English)[number], file);
        for language in [Language::German, Language::Italian] {
            let other = messages(Texts::sources(language)[number], file);
            pretty_assertions::assert_eq!(english, other, "{}/{file} is not like en/{file}", language.id());
        }
    }
}

#[test]
fn every_key_in_the_source_exists_and_no_key_is_left_over() {
    let defined: BTreeSet<String> = FILES
        .iter()
        .enumerate()
        .flat_map(|(number, file)| messages(Texts::sources(Language::English)[number], file).into_keys())
        .collect();
    let source = source();
    let literal = literal_keys(&source);
    let generated: BTreeSet<String> = generated_keys().collect();

    let missing: Vec<_> = literal
        .union(&generated)
        .filter(|key| !defined.contains(*key))
        .collect();
    assert!(missing.is_empty(), "used and not defined: {missing:?}");
    let left_over: Vec<_> = defined
        .iter()
        .filter(|key| !generated.contains(*key) && !is_variant(key, &generated))
        .filter(|key| !source.contains(&format!("\"{key}\"")))
        .collect();
    assert!(left_over.is_empty(), "defined and not used: {left_over:?}");
}

#[test]
fn the_menu_offers_all_languages() {
    assert_eq!(LANGUAGES, Language::ALL.map(Language::id));
}

/// Keys with their arguments; a file that cannot be read or says something twice fails here.
fn messages(source: &str, file: &str) -> BTreeMap<String, Arguments> {
    let resource = parse(source).unwrap_or_else(|(_, errors)| panic!("{file}: {errors:?}"));
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let mut arguments = Arguments::new();
            collect(message.value.as_ref().expect("a text"), &mut arguments);
            let before = messages.insert(message.id.name.to_owned(), arguments);
            assert!(before.is_none(), "{file}: {} stands there twice", message.id.name);
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, arguments: &mut Arguments) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => collect_inline(inline, arguments),
                Expression::Select { selector, variants } => {
                    collect_inline(selector, arguments);
                    for variant in variants {
                        collect(&variant.value, arguments);
                    }
                }
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, arguments: &mut Arguments) {
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("texts use arguments only, not {other:?}"),
    }
}

/// All source files that may name keys.
fn source() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = String::new();
    read_all(&root.join("src"), &mut source);
    read_all(&root.join("../server/src/http"), &mut source);
    let explain = root.join("../cli/src/explain.rs");
    source.push_str(&fs::read_to_string(explain).expect("a readable file"));
    source
}

fn read_all(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            read_all(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(&path).expect("a readable file"));
        }
    }
}

/// What stands in the calls that take a key.
fn literal_keys(source: &str) -> BTreeSet<String> {
    let calls = [
        " t(\"",
        "{t(\"",
        "=t(\"",
        "(t(\"",
        ".say(\"",
        "say_with(\"",
        ".find(\"",
        ".add(\"",
        "facts.words(\"",
        "facts.code(\"",
    ];
    calls
        .iter()
        .flat_map(|call| source.split(call).skip(1))
        .filter_map(|rest| rest.split_once('"'))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// The keys that are put together from ids.
fn generated_keys() -> impl Iterator<Item = String> {
    let directions = || Direction::ALL.iter();
    let outcomes = Outcome::ALL.iter().flat_map(move |outcome| {
        let stories = directions().map(move |direction| format!("story-{outcome}-{direction}"));
        stories.chain([format!("outcome-{outcome}"), format!("outcome-{outcome}-meaning")])
    });
    let reasons = Reason::ALL.iter().flat_map(move |reason| {
        let advice = directions().map(move |direction| format!("advice-{reason}-{direction}"));
        advice.chain([format!("reason-{reason}")])
    });
    let actors = Actor::ALL.iter().map(|actor| format!("actor-{actor}"));
    let confidences = Confidence::ALL
        .iter()
        .map(|confidence| format!("confidence-{confidence}"));
    let trail = TrailKind::ALL.iter().map(|kind| format!("trail-{kind}"));
    let families = ["good", "wait", "held", "bad", "none"].map(|family| format!("family-{family}"));
    let direction_words = directions().map(|direction| format!("direction-{direction}"));
    let problems = ProblemKind::ALL.iter().flat_map(|kind| {
        [
            format!("problem-{}-title", kind.id()),
            format!("problem-{}-text", kind.id()),
        ]
    });
    let languages = LANGUAGES.map(|id| format!("language-{id}"));
    let sign_in = app::chrome::SIGN_IN_PROBLEMS.map(|id| format!("sign-in-{id}"));
    let fields = ["sender", "recipient", "since", "until"].map(|name| format!("field-{name}"));
    let months = (1..=12).flat_map(|month| [format!("month-{month}"), format!("month-short-{month}")]);
    let weekdays = (1..=7).map(|day| format!("weekday-short-{day}"));
    outcomes
        .chain(reasons)
        .chain(actors)
        .chain(confidences)
        .chain(trail)
        .chain(families)
        .chain(direction_words)
        .chain(problems)
        .chain(languages)
        .chain(sign_in)
        .chain(fields)
        .chain(months)
        .chain(weekdays)
}

/// Countries, and the richer forms that a story or step has where more is known.
fn is_variant(key: &str, generated: &BTreeSet<String>) -> bool {
    let base = ["-relay", "-next", "-final"]
        .iter()
        .find_map(|suffix| key.strip_suffix(suffix));
    key.starts_with("country-") || base.is_some_and(|base| generated.contains(base))
}
