//! What stands around every page: the words of the interface in the viewer's language, and who is looking.
//!
//! Goes in: on the server the request's visitor; in the browser what the server wrote into the page. Comes out: [`Chrome`] as context and
//! [`t`]. It does not change while a page is open: signing in or out and choosing a language load a new one.
//!
//! The browser gets the words of one language as data, in the page itself. Fluent and the other languages stay on the server: that is 60 KB
//! of wasm less than translating on both sides.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Around every page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chrome {
    /// `en`, `de`, `it`.
    pub language: String,
    /// The interface's words by locale key.
    pub words: BTreeMap<String, String>,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
}

/// Who is signed in, as the header shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The person's name.
    pub name: String,
    /// What the person signs in with.
    pub login: String,
    /// The tenant's name.
    pub tenant: String,
    /// Up to [`PICKER_LIMIT`] domain names; the picker is a text field beyond.
    pub domains: Vec<String>,
    /// How many domains there are.
    pub domain_count: usize,
}

/// Longer lists of domains are typed, not picked.
pub const PICKER_LIMIT: usize = 60;

/// The languages' ids, in the order they are offered.
pub const LANGUAGES: [&str; 3] = ["en", "de", "it"];

/// What `/sign-in?problem=` can say; anything else says nothing.
pub const SIGN_IN_PROBLEMS: [&str; 3] = ["refused", "too_many", "ended"];

/// The chrome of this page.
pub fn chrome() -> StoredValue<Chrome> {
    expect_context()
}

/// The word under a locale key, in the viewer's language. A key that is nowhere shows itself; a test keeps that from happening.
pub fn t(key: &str) -> String {
    chrome().with_value(|chrome| chrome.words.get(key).cloned().unwrap_or_else(|| key.to_owned()))
}

/// Gives the chrome to everything below.
pub fn provide_chrome() {
    provide_context(StoredValue::new(SharedValue::new(this_side).into_inner()));
}

#[cfg(feature = "ssr")]
fn this_side() -> Chrome {
    crate::visitor::visitor().chrome()
}

#[cfg(not(feature = "ssr"))]
fn this_side() -> Chrome {
    // Only when a page is rendered in the browser alone, which never happens: pages are hydrated.
    Chrome::default()
}
