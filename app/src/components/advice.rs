//! Who can act, and what to do.

use leptos::prelude::*;

/// The box.
#[component]
pub(crate) fn Advice(actor: String, advice: String) -> impl IntoView {
    view! {
        <div class="advice">
            <strong>{actor}</strong>
            <p>{advice}</p>
        </div>
    }
    .into_any()
}
