//! The icons: strokes on a 24 by 24 grid in the colour of the text around. They never stand without a word.

use leptos::prelude::*;
use model::verdict::Family;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A tick.
    Tick,
    /// A clock.
    Clock,
    /// A padlock.
    Lock,
    /// A circle with a bar.
    Stop,
    /// A dash.
    Dash,
    /// Downwards, into the tray.
    Inwards,
    /// Upwards, out of the tray.
    Outwards,
    /// A magnifying glass.
    Glass,
    /// To the left.
    Back,
    /// To the right.
    Forward,
    /// A person.
    Person,
    /// Downwards, small: something unfolds.
    Unfold,
}

impl Shape {
    /// The icon of a family.
    pub(crate) const fn of(family: Family) -> Self {
        match family {
            Family::Good => Self::Tick,
            Family::Wait => Self::Clock,
            Family::Held => Self::Lock,
            Family::Bad => Self::Stop,
            Family::None => Self::Dash,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Tick => "M4.5 12.5l5 5L19.5 7",
            Self::Clock => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.5V12l3 2.5",
            Self::Lock => "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
            Self::Stop => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M5.8 5.8l12.4 12.4",
            Self::Dash => "M6 12h12",
            Self::Inwards => "M12 4v11M7.5 11l4.5 4.5l4.5-4.5M5 20h14",
            Self::Outwards => "M12 15.5V4.5M7.5 9L12 4.5L16.5 9M5 20h14",
            Self::Glass => "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M16 16l4.5 4.5",
            Self::Back => "M14.5 5.5L8 12l6.5 6.5",
            Self::Forward => "M9.5 5.5L16 12l-6.5 6.5",
            Self::Person => "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
            Self::Unfold => "M6 9.5l6 6l6-6",
        }
    }
}

/// One icon.
#[component]
pub(crate) fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=shape.path() />
        </svg>
    }
    .into_any()
}
