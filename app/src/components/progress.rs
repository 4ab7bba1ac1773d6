//! A thin line at the top while the next page is on its way: shown after 300 ms, by the style sheet, so that quick pages do not flicker.

use leptos::prelude::*;

/// The line.
#[component]
pub(crate) fn ProgressBar(is_routing: ReadSignal<bool>) -> impl IntoView {
    view! { <div class="progress" class:busy=is_routing aria-hidden="true"></div> }.into_any()
}
