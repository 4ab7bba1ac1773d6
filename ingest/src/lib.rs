//! From a log line to a row.
//!
//! Goes in: log files and streams. Comes out: records of mails, owned by hosted domains, in PostgreSQL. [`source`] follows files, the crate
//! `tracer` reads and joins their lines, [`enrich`] and [`owner`] turn records into rows, [`worker`] ties them to the database.

pub mod enrich;
pub mod owner;
pub mod source;
pub mod worker;
