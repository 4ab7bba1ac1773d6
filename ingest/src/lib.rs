//! From a log line to a record, and from a record to a row.
//!
//! Goes in: log files and streams. Comes out: records of mails, owned by hosted domains, in PostgreSQL. The stages in order, each in its module:
//! [`line`] takes a line apart, [`dialect`] reads what its program said, [`correlate`] joins the lines of a mail to records. These three are pure:
//! no IO, no async, no clock (`tests/pure.rs` holds them to it).

pub mod correlate;
pub mod dialect;
pub mod enrich;
pub mod event;
pub mod json;
pub mod line;
pub mod owner;
pub mod source;
pub mod worker;
