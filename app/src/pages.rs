//! The pages, one a route: URL, typed query, one question, small components.

pub(crate) mod mail;
pub(crate) mod mail_log;
pub(crate) mod not_found;
pub(crate) mod sign_in;
