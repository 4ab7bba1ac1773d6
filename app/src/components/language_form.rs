//! The choice of language: a plain form, since another language is another page. It comes back to the page it was sent from.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::chrome::{LANGUAGES, chrome, t};

/// The choice.
#[component]
pub(crate) fn LanguageForm() -> impl IntoView {
    let location = use_location();
    let back = move || {
        let search = location.search.get();
        let path = location.pathname.get();
        if search.is_empty() {
            path
        } else {
            [path.as_str(), "?", search.trim_start_matches('?')].concat()
        }
    };
    let current = chrome().with_value(|chrome| chrome.language.clone());
    view! {
        <form class="language" method="post" action="/language" aria-label=t("language")>
            <input type="hidden" name="back" value=back />
            {LANGUAGES
                .map(|id| {
                    view! {
                        <button type="submit" name="language" value=id lang=id aria-pressed=(id == current).to_string()>
                            {t(&format!("language-{id}"))}
                        </button>
                    }
                })
                .to_vec()}
        </form>
    }
    .into_any()
}
