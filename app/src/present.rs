//! From the store's rows to what a person reads: one question a file.
//!
//! Goes in: `model` types and the viewer's [`Format`](crate::format::Format). Comes out: [`wire`](crate::wire) types. Pure: no IO, no clock.
//! Nothing here decides who may see what; what the store left out is simply not there.

pub mod facts;
pub mod finding;
pub mod freshness;
pub mod gaps;
pub mod hostile;
pub mod log;
pub mod search;
pub mod story;
pub mod timeline;
