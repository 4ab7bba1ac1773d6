//! The filters that are one click away: direction and family of outcome. Links, so each is a URL of its own.

use leptos::prelude::*;

use crate::chrome::t;
use crate::log_query::{ASKABLE_FAMILIES, LogQuery, family_id};

/// The chips for a search.
#[component]
pub(crate) fn FilterChips(#[prop(into)] query: Signal<LogQuery>) -> impl IntoView {
    let directions = [
        ("", "direction-any"),
        ("inbound", "direction-inbound"),
        ("outbound", "direction-outbound"),
    ];
    let direction_chips = directions.map(|(id, key)| {
        let href = move || {
            query
                .read()
                .with(|query| id.clone_into(&mut query.direction))
                .href()
        };
        let current = move || (query.read().direction == id).then_some("true");
        view! {
            <a class="chip" href=href aria-current=current>
                {t(key)}
            </a>
        }
    });
    let family_chips = ASKABLE_FAMILIES.map(|(id, family)| {
        let is_current = move || query.read().outcome == id;
        // A second click takes the filter away.
        let wanted = move || if is_current() { "" } else { id }.to_owned();
        let href = move || query.read().with(|query| query.outcome = wanted()).href();
        let name = family_id(family);
        view! {
            <a class=format!("chip {name}") href=href aria-current=move || is_current().then_some("true")>
                {t(&format!("family-{name}"))}
            </a>
        }
    });
    view! {
        <nav class="filter-chips" aria-label=t("filters")>
            <span class="segmented">{direction_chips.to_vec()}</span>
            {family_chips.to_vec()}
            {move || {
                (!query.read().is_everything())
                    .then(|| view! { <a class="chip clear" href="/mail">{t("filters-clear")}</a> })
            }}
        </nav>
    }
    .into_any()
}
