//! How the web server is reached and where its files are.
//!
//! Goes in: values of the configuration, validated here once. Comes out: [`Settings`]. It reads no environment.

use std::net::IpAddr;
use std::path::PathBuf;

use axum::http::Uri;

use super::Live;

/// What the web server must be told.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The address in people's browsers. With `https` cookies are secure and bound to the host; without any, the `Host` header tells where a
    /// form may come from.
    pub public_url: Option<PublicUrl>,
    /// The folder that `make site` fills. `None`: pages without style and without the browser's code, as in tests.
    pub site: Option<PathBuf>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Bounds of the streams that tell pages of new mail.
    pub live: Live,
}

/// Scheme and host, without path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The public address is not one.
    #[error("{given:?} is no address of a web site; it looks like https://mail.example.com")]
    PublicUrl {
        /// What was given.
        given: String,
    },
}

impl Settings {
    /// Whether browsers reach us encrypted.
    pub(super) fn is_https(&self) -> bool {
        self.public_url
            .as_ref()
            .is_some_and(|url| url.origin.starts_with("https://"))
    }
}

impl PublicUrl {
    /// Reads `https://mail.example.com`.
    pub fn parse(given: &str) -> Result<Self, SettingsError> {
        let error = || SettingsError::PublicUrl {
            given: given.to_owned(),
        };
        let uri: Uri = given.parse().map_err(|_| error())?;
        match (uri.scheme_str(), uri.authority(), uri.path(), uri.query()) {
            (Some(scheme @ ("http" | "https")), Some(authority), "/", None) => Ok(Self {
                origin: format!("{scheme}://{authority}").to_lowercase(),
            }),
            _ => Err(error()),
        }
    }

    /// As browsers write it into `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_is_a_public_address() {
        let origin = |given| PublicUrl::parse(given).map(|url| url.origin).ok();
        assert_eq!(
            origin("https://Mail.Example.com").as_deref(),
            Some("https://mail.example.com")
        );
        assert_eq!(
            origin("http://127.0.0.1:8080/").as_deref(),
            Some("http://127.0.0.1:8080")
        );
        for wrong in [
            "mail.example.com",
            "ftp://a.test",
            "https://a.test/x",
            "https://a.test/?q",
            "",
        ] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }
}
