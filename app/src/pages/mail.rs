//! One mail, `/mail/{domain}/{record_id}`: its story, then the timeline, then the facts, then the raw lines.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::api::mail;
use crate::chrome::t;
use crate::components::advice::Advice;
use crate::components::attempt_list::AttemptList;
use crate::components::fact_list::FactList;
use crate::components::icon::{Icon, Shape};
use crate::components::problem_card::ProblemCard;
use crate::components::raw_lines::{RawLines, Reply};
use crate::components::timeline::Timeline;
use crate::components::verdict::Verdict;
use crate::components::wrapping::Wrapping;
use crate::last_search::LastSearch;
use crate::wire::{Link, MailStory};

/// The page.
#[component]
pub(crate) fn MailPage() -> impl IntoView {
    let params = use_params_map();
    let key = move || {
        let params = params.read();
        (
            params.get("domain").unwrap_or_default(),
            params.get("record_id").unwrap_or_default(),
        )
    };
    let story = Resource::new(key, |(domain, record_id)| mail(domain, record_id));
    view! {
        <Title text=t("mail") />
        <p class="way-back">
            <a href=LastSearch::href()>
                <Icon shape=Shape::Back />
                {t("mail-log")}
            </a>
        </p>
        <Transition>
            {move || Suspend::new(async move {
                match story.await {
                    Ok(story) => view! { <Story story /> }.into_any(),
                    Err(problem) => view! { <ProblemCard problem /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Story(story: MailStory) -> impl IntoView {
    let standing: Vec<_> = story
        .standing
        .into_iter()
        .map(|part| view! { <span>{part}</span> })
        .collect();
    view! {
        <Title text=story.headline.clone() />
        <div class="story">
            <article class="card">
                <p class="story-head">
                    <Verdict chip=story.chip />
                    <span class="story-direction">{story.direction}</span>
                </p>
                <h1>
                    <Wrapping text=story.headline />
                </h1>
                {story.subject.map(|subject| view! { <p class="story-subject">{t("subject")} " " <bdi>{subject}</bdi></p> })}
                <p class="lead">{story.lead}</p>
                <Advice actor=story.actor advice=story.advice />
                <p class="standing">{standing}</p>
                {story
                    .clock_note
                    .map(|clock_note| view! { <p class="note clock-note"><Icon shape=Shape::Clock />{clock_note}</p> })}
                {story.caveat.map(|caveat| view! { <p class="note">{caveat}</p> })}
                <Timeline steps=story.steps />
                <AttemptList attempts=story.attempts />
                <Reply reply=story.reply />
                <RawLines lines=story.raw />
            </article>
            <aside class="card facts" aria-label=t("facts")>
                <FactList groups=story.facts />
                <Related links=story.related />
            </aside>
        </div>
    }
    .into_any()
}

#[component]
fn Related(links: Vec<Link>) -> impl IntoView {
    let links: Vec<_> = links
        .into_iter()
        .map(|link| {
            view! {
                <li>
                    <a href=link.href>
                        <bdi>{link.text}</bdi>
                    </a>
                </li>
            }
        })
        .collect();
    (!links.is_empty()).then(|| {
        view! {
            <nav class="related" aria-label=t("related")>
                <h2>{t("related")}</h2>
                <ul>{links}</ul>
            </nav>
        }
        .into_any()
    })
}
