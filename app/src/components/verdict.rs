//! An outcome as a chip: icon, word and colour, never the colour alone.

use leptos::prelude::*;
use model::verdict::Family;

use crate::components::icon::{Icon, Shape};
use crate::wire::Chip;

/// The chip.
#[component]
pub(crate) fn Verdict(chip: Chip) -> impl IntoView {
    view! {
        <span class=class(chip.family)>
            <Icon shape=Shape::of(chip.family) />
            {chip.word}
        </span>
    }
    .into_any()
}

const fn class(family: Family) -> &'static str {
    match family {
        Family::Good => "verdict good",
        Family::Wait => "verdict wait",
        Family::Held => "verdict held",
        Family::Bad => "verdict bad",
        Family::None => "verdict none",
    }
}
