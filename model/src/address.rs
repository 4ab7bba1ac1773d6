//! Mail addresses as the envelope carries them (RFC 5321 section 4.1.2), normalised for searching.
//!
//! Goes in: what a log line holds between `<` and `>`. Comes out: lower-cased text and its parts. No validation: a log may hold anything,
//! and a rejected recipient is often rejected because it is no address.

/// The domain part of an address, without a trailing dot; `None` for the null sender and local names.
///
/// ```
/// assert_eq!(model::address::domain_of("anna@kundi.test"), Some("kundi.test"));
/// assert_eq!(model::address::domain_of("\"a@b\"@kundi.test"), Some("kundi.test"));
/// assert_eq!(model::address::domain_of("root"), None);
/// ```
pub fn domain_of(address: &str) -> Option<&str> {
    let (_, domain) = address.rsplit_once('@')?;
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    (!domain.is_empty()).then_some(domain)
}

/// The form in which addresses are stored and compared: lower case, without angle brackets and white space around.
///
/// The local part is lower-cased too: RFC 5321 lets a host tell `Anna` from `anna`, but none of our users' searches should.
pub fn normalise(address: &str) -> String {
    address
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>')
        .to_lowercase()
}
