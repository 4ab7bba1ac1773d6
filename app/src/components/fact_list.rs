//! The technical facts, in groups.

use leptos::prelude::*;

use crate::components::wrapping::Wrapping;
use crate::wire::{Fact, FactGroup};

/// All groups.
#[component]
pub(crate) fn FactList(groups: Vec<FactGroup>) -> impl IntoView {
    groups
        .into_iter()
        .map(|group| {
            let facts: Vec<_> = group
                .facts
                .into_iter()
                .map(|fact| view! { <OneFact fact /> })
                .collect();
            view! {
                <section class="fact-list">
                    <h2>{group.title}</h2>
                    <dl>{facts}</dl>
                </section>
            }
            .into_any()
        })
        .collect::<Vec<_>>()
}

#[component]
fn OneFact(fact: Fact) -> impl IntoView {
    let Fact {
        label,
        value,
        is_code,
    } = fact;
    view! {
        <dt>{label}</dt>
        <dd class:code=is_code>
            <Wrapping text=value />
        </dd>
    }
    .into_any()
}
