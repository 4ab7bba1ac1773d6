//! How far the log is complete, in one line above the rows.

use leptos::prelude::*;

use crate::log_query::family_id;
use crate::wire::Freshness;

/// The line.
#[component]
pub(crate) fn FreshnessLine(freshness: Freshness) -> impl IntoView {
    let Freshness { family, parts } = freshness;
    let parts: Vec<_> = parts
        .into_iter()
        .map(|part| view! { <span>{part}</span> })
        .collect();
    view! {
        <p class="freshness">
            <i class=format!("dot {}", family_id(family)) aria-hidden="true"></i>
            {parts}
        </p>
    }
    .into_any()
}
