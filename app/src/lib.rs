//! Mailfate's pages: what a signed-in customer sees of the mail log.
//!
//! Goes in: a request, or in the browser a URL. Comes out: HTML, the same from both sides. The two halves are features that exclude each
//! other: `ssr` (renders, asks `store`, formats and translates) and `hydrate` (the browser's half: no calendar, no languages, no rules).
//! Everything that a person reads is made on the server: sentences, times and numbers travel as text in [`wire`] types.

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "`ssr` and `hydrate` exclude each other: build the server and the browser's package separately"
);

mod api;
pub mod app;
pub mod chrome;
#[expect(
    unreachable_pub,
    reason = "the macro of Leptos makes each component's props pub"
)]
mod components;
mod last_search;
pub mod log_query;
#[expect(
    unreachable_pub,
    reason = "the macro of Leptos makes each component's props pub"
)]
mod pages;
pub mod problem;
pub mod wire;

#[cfg(feature = "ssr")]
pub mod document;
#[cfg(feature = "ssr")]
pub mod format;
#[cfg(feature = "ssr")]
pub mod language;
#[cfg(feature = "ssr")]
pub mod present;
#[cfg(feature = "ssr")]
pub mod services;
#[cfg(feature = "ssr")]
pub mod texts;
#[cfg(feature = "ssr")]
pub mod visitor;
