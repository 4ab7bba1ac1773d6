//! From a log line to a record.
//!
//! Goes in: the lines of mail servers' logs. Comes out: records, one for each mail and final recipient. The stages in order, each in its module:
//! [`line`] takes a line apart, [`dialect`] reads what its program said, [`correlate`] joins the lines of a mail to records, [`json`] prints them.
//! All of it is pure: no IO, no async, no clock (`tests/pure.rs` holds it to that). Files, databases and hosted domains are `ingest`'s business.

pub mod correlate;
pub mod dialect;
pub mod event;
pub mod json;
pub mod line;
