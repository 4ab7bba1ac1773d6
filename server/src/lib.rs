//! The one program `mailfate`: web server, worker and commands.
//!
//! Goes in: configuration and command line. Comes out: a running portal, a running worker, or a command's answer. Rules about mail are in
//! `ingest` and `model`, questions in `store`, pages in `app`; here they are put together.

pub mod http;
