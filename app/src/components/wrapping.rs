//! A text with addresses in it that breaks before the `@` when it has to, not in the middle of a name; set apart from the text around so that
//! no foreign script turns the line.

use leptos::prelude::*;

/// The text.
#[component]
pub(crate) fn Wrapping(text: String) -> impl IntoView {
    let mut first = text;
    let rest = first.find('@').map(|at| first.split_off(at)).unwrap_or_default();
    let rest: Vec<_> = rest
        .split('@')
        .skip(1)
        .map(|part| view! { <wbr />{format!("@{part}")} })
        .collect();
    view! { <bdi>{first}{rest}</bdi> }.into_any()
}
