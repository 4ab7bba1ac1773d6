//! Reading one cookie of a request.
//!
//! Goes in: headers and a name. Comes out: the value as text. Session cookies are tower-sessions' business.

use axum::http::{HeaderMap, header};

/// The value of the first cookie with this name.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
