//! The commands, one a file, and what several of them need.

pub(crate) mod check;
pub(crate) mod database;
pub(crate) mod demo;
pub(crate) mod files;
pub(crate) mod ingest;
pub(crate) mod migrate;
pub(crate) mod retention;
pub(crate) mod running;
pub(crate) mod serve;
pub(crate) mod stored;
