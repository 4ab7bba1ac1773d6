//! Where "back to the mail log" leads: to the search that the viewer came from.
//!
//! Goes in: the searches visited while this page has been open. Comes out: the last one's URL. Without JavaScript, or on a mail opened
//! directly, it is the whole log.

use leptos::prelude::*;

/// The last search.
#[derive(Clone, Copy)]
pub(crate) struct LastSearch(RwSignal<String>);

impl LastSearch {
    /// Gives it to everything below.
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new("/mail".to_owned())));
    }

    /// Remembers a search whenever it changes. Effects run in the browser only.
    pub(crate) fn follow(href: impl Fn() -> String + 'static) {
        let Self(last) = expect_context();
        Effect::new(move |_| last.set(href()));
    }

    /// The last search's URL.
    pub(crate) fn href() -> Signal<String> {
        let Self(last) = expect_context();
        last.into()
    }
}
