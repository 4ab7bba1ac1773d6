//! The words of Mailfate as types: what a mail, a record, a verdict, a query and a viewer are.
//!
//! Goes in: nothing. Comes out: plain types that every other crate shares, and the parsers of their text forms.
//! Deliberately not here: IO, clocks, SQL, HTML and any sentence a person reads. The crate also compiles to
//! `wasm32-unknown-unknown`, so it stays small; the knowledge base of reply texts hides behind the `knowledge` feature.

pub mod address;
pub mod ids;
pub mod query;
pub mod record;
pub mod row;
pub mod time;
pub mod trail;
pub mod verdict;
pub mod viewer;
mod vocabulary;
