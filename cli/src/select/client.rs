//! The client that brought a mail: by address, by network, by name.

use std::net::IpAddr;

use ipnet::IpNet;
use model::record::Record;

use super::pattern::Pattern;

/// What the client must be.
#[derive(Clone, Debug)]
pub(crate) enum ClientPattern {
    /// An address is a network of one.
    Network(IpNet),
    /// The client's checked name.
    Name(Pattern),
}

impl ClientPattern {
    /// Reads `192.0.2.1`, `[192.0.2.1]`, `192.0.2.0/24`, `2001:db8::/32`, `mail.example.org`, `*.example.org`.
    pub(crate) fn parse(typed: &str) -> Result<Self, String> {
        let text = typed.trim().trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self::Network(IpNet::from(ip.to_canonical())));
        }
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        if text.contains('/') {
            return Err("this is no network; one looks like 192.0.2.0/24 or 2001:db8::/32".to_owned());
        }
        Pattern::parse(text).map(Self::Name)
    }

    /// Whether the record came from there.
    pub(crate) fn fits(&self, record: &Record) -> bool {
        match self {
            Self::Network(network) => record
                .client_ip
                .is_some_and(|ip| network.contains(&ip.to_canonical())),
            Self::Name(pattern) => record
                .client_name
                .as_deref()
                .is_some_and(|name| pattern.fits(name)),
        }
    }
}

/// Whether the mail was written in a webmail: it came from one of `named`; or, when none is named, a signed-in user handed it in on the server
/// itself, or the client's name says so.
pub(super) fn is_webmail(named: &[ClientPattern], record: &Record) -> bool {
    if !named.is_empty() {
        return named.iter().any(|client| client.fits(record));
    }
    let is_here = record.client_ip.is_some_and(|ip| ip.to_canonical().is_loopback());
    let is_called_so = record.client_name.as_deref().is_some_and(|name| {
        let first = name.split('.').next().unwrap_or_default();
        ["webmail", "roundcube"].iter().any(|word| {
            first
                .get(..word.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
        })
    });
    (is_here && record.sasl_user.is_some()) || is_called_so
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_networks_and_names_are_told_apart() {
        let network = |typed: &str| match ClientPattern::parse(typed) {
            Ok(ClientPattern::Network(network)) => Some(network.to_string()),
            _ => None,
        };
        assert_eq!(network("192.0.2.1").as_deref(), Some("192.0.2.1/32"));
        assert_eq!(network("[2001:db8::1]").as_deref(), Some("2001:db8::1/128"));
        assert_eq!(network("192.0.2.0/24").as_deref(), Some("192.0.2.0/24"));
        assert!(matches!(
            ClientPattern::parse("*.example.org"),
            Ok(ClientPattern::Name(_))
        ));
        assert!(ClientPattern::parse("192.0.2.0/33").is_err());
    }
}
