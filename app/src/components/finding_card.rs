//! An empty result, said as a finding.

use leptos::prelude::*;

use crate::chrome::t;
use crate::wire::Finding;

/// The card.
#[component]
pub(crate) fn FindingCard(finding: Finding) -> impl IntoView {
    let Finding {
        title,
        terms,
        sentences,
    } = finding;
    let terms: Vec<_> = terms
        .into_iter()
        .map(|term| {
            view! {
                <dt>{term.label}</dt>
                <dd>
                    <bdi>{term.value}</bdi>
                </dd>
            }
        })
        .collect();
    let sentences: Vec<_> = sentences
        .into_iter()
        .map(|sentence| view! { <p>{sentence}</p> })
        .collect();
    view! {
        <section class="card finding-card">
            <h2>{title}</h2>
            {(!terms.is_empty())
                .then(|| {
                    view! {
                        <h3>{t("finding-asked")}</h3>
                        <dl>{terms}</dl>
                    }
                })}
            {sentences}
        </section>
    }
    .into_any()
}
