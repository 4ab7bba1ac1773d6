//! How far the log is complete, in one line above the rows; what is missing, folded behind it.

use leptos::prelude::*;

use crate::chrome::t;
use crate::log_query::family_id;
use crate::wire::Freshness;

/// The line.
#[component]
pub(crate) fn FreshnessLine(freshness: Freshness) -> impl IntoView {
    let Freshness { family, parts, more } = freshness;
    let parts: Vec<_> = parts
        .into_iter()
        .map(|part| view! { <span>{part}</span> })
        .collect();
    let more: Vec<_> = more
        .into_iter()
        .map(|sentence| view! { <li><bdi>{sentence}</bdi></li> })
        .collect();
    view! {
        <div class="freshness">
            <p>
                <i class=format!("dot {}", family_id(family)) aria-hidden="true"></i>
                {parts}
            </p>
            {(!more.is_empty())
                .then(|| {
                    view! {
                        <details class="freshness-more">
                            <summary>{t("fresh-what")}</summary>
                            <ul>{more}</ul>
                        </details>
                    }
                })}
        </div>
    }
    .into_any()
}
