//! What happened, step by step, over all servers.

use leptos::prelude::*;

use crate::chrome::t;
use crate::log_query::family_id;
use crate::wire::Step;

/// The steps, oldest first.
#[component]
pub(crate) fn Timeline(steps: Vec<Step>) -> impl IntoView {
    let steps: Vec<_> = steps
        .into_iter()
        .map(|step| view! { <TimelineStep step /> })
        .collect();
    (!steps.is_empty()).then(|| {
        view! {
            <section class="timeline">
                <h2>{t("timeline")}</h2>
                <ol>{steps}</ol>
            </section>
        }
        .into_any()
    })
}

#[component]
fn TimelineStep(step: Step) -> impl IntoView {
    let details: Vec<_> = step
        .details
        .into_iter()
        .map(|detail| view! { <small><bdi>{detail}</bdi></small> })
        .collect();
    view! {
        <li>
            {step.day.map(|day| view! { <p class="timeline-day">{day}</p> })}
            {step.gap.map(|gap| view! { <p class="timeline-gap">{gap}</p> })}
            <time datetime=step.time.machine>{step.time.text}</time>
            <i class=format!("dot {}", family_id(step.family)) aria-hidden="true"></i>
            <div class="timeline-text"><bdi>{step.text}</bdi>{details}</div>
        </li>
    }
    .into_any()
}
