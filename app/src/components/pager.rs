//! Links to the neighbouring pages of the log.

use leptos::prelude::*;

use crate::chrome::t;
use crate::components::icon::{Icon, Shape};

/// The links; nothing when there is one page only.
#[component]
pub(crate) fn Pager(newer: Option<String>, older: Option<String>) -> impl IntoView {
    (newer.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=t("pager")>
                {newer
                    .map(|href| {
                        view! {
                            <a class="button" rel="prev" href=href>
                                <Icon shape=Shape::Back />
                                {t("pager-newer")}
                            </a>
                        }
                    })}
                {older
                    .map(|href| {
                        view! {
                            <a class="button older" rel="next" href=href>
                                {t("pager-older")}
                                <Icon shape=Shape::Forward />
                            </a>
                        }
                    })}
            </nav>
        }
    })
}
