//! The configuration: read once at the start, checked, and passed down as plain values.
//!
//! Goes in: a TOML file, `MAILFATE_*` variables, and what the command line overrides. Comes out: [`Config`], or one sentence that names the
//! key and where it stands. Nothing is opened or connected here. docs/configuration.md lists the keys for operators.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::error::Kind;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::{Figment, Source};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use server::http::PublicUrl;

mod sources;

pub(crate) use sources::{SourceConfig, SpoolKeys};

/// Where the file is looked for when the command line names none.
const USUAL_FILES: [&str; 2] = ["mailfate.toml", "/etc/mailfate/mailfate.toml"];

/// Variables that are read, and the key that each one sets. Others that begin with `MAILFATE_` belong to the build and its tests.
const VARIABLES: [(&str, &str); 12] = [
    ("LISTEN", "listen"),
    ("PUBLIC_URL", "public_url"),
    ("DATA_DIR", "data_dir"),
    ("SITE_DIR", "site_dir"),
    ("POSTGRES_USER", "postgres_user"),
    ("LOG", "log"),
    ("LOG_JSON", "log_json"),
    ("DATABASE_PORTAL_URL", "database.portal_url"),
    ("DATABASE_INGEST_URL", "database.ingest_url"),
    ("DATABASE_OWNER_URL", "database.owner_url"),
    ("DATABASE_PORTAL_CONNECTIONS", "database.portal_connections"),
    ("RETENTION_MAX_AGE_DAYS", "retention.max_age_days"),
];

/// Everything that can be configured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Address and port of the web server.
    #[serde(default = "default_listen")]
    pub(crate) listen: SocketAddr,
    /// The address that people type, when a proxy stands before: `https://mail.example.net`. With `https` cookies are for HTTPS only.
    #[serde(default)]
    pub(crate) public_url: Option<String>,
    /// Proxies before us: only their word about a visitor's address is believed.
    #[serde(default)]
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// Where the private database and other state live. Root: `/var/lib/mailfate`, others: `~/.local/share/mailfate`.
    #[serde(default = "default_data_dir")]
    pub(crate) data_dir: PathBuf,
    /// The folder with style sheets and browser code that the build made.
    #[serde(default = "default_site_dir")]
    pub(crate) site_dir: PathBuf,
    /// The account that the private PostgreSQL runs as when we are root.
    #[serde(default = "default_postgres_user")]
    pub(crate) postgres_user: String,
    /// What is logged: `info`, `warn`, or by module as in `warn,store=debug`.
    #[serde(default = "default_log")]
    pub(crate) log: String,
    /// Log JSON, one object a line.
    #[serde(default)]
    pub(crate) log_json: bool,
    /// An external database.
    #[serde(default)]
    pub(crate) database: DatabaseConfig,
    /// How long mail is kept.
    #[serde(default)]
    pub(crate) retention: RetentionConfig,
    /// Where addresses are.
    #[serde(default)]
    pub(crate) geo: GeoConfig,
    /// What the worker follows.
    #[serde(default)]
    pub(crate) sources: Vec<SourceConfig>,
    /// Where what is received waits for the database.
    #[serde(default)]
    pub(crate) spool: SpoolKeys,
    /// What the worker must know about our servers.
    #[serde(default)]
    pub(crate) servers: ServersConfig,
}

/// An external PostgreSQL. With no address at all, a private one is run in `data_dir`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DatabaseConfig {
    /// As `mailfate_portal`: `postgres://mailfate_portal:password@host/mailfate`.
    pub(crate) portal_url: SecretString,
    /// As `mailfate_ingest`.
    pub(crate) ingest_url: SecretString,
    /// As `mailfate_owner`: for `migrate` and administration only.
    pub(crate) owner_url: SecretString,
    /// Connections of the web server, at most.
    pub(crate) portal_connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            portal_url: SecretString::default(),
            ingest_url: SecretString::default(),
            owner_url: SecretString::default(),
            portal_connections: 10,
        }
    }
}

impl DatabaseConfig {
    /// Whether a private database is run.
    pub(crate) fn is_embedded(&self) -> bool {
        [&self.portal_url, &self.ingest_url, &self.owner_url]
            .iter()
            .all(|url| url.expose_secret().is_empty())
    }
}

/// How long mail is kept.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetentionConfig {
    /// Whole days (UTC) that lie back more than so many days are dropped; 0 keeps them for ever.
    pub(crate) max_age_days: u32,
}

/// The longest time that mail can be kept but for ever: a century.
const LONGEST_AGE_DAYS: u32 = 36_500;

/// Location databases in MaxMind's format.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GeoConfig {
    /// Files with countries and networks (MMDB); where two know something, the first one counts.
    pub(crate) databases: Vec<PathBuf>,
}

/// What cannot be read from logs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServersConfig {
    /// Addresses that get a copy of every mail (`always_bcc`, an archive): these copies are hidden from tenants.
    pub(crate) copy_addresses: Vec<String>,
}

/// A mistake in the configuration: one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

impl ConfigError {
    /// A key that this command cannot do without.
    pub(crate) fn missing(key: &str) -> Self {
        Self(format!(
            "{key} is not set, and this command needs it (see docs/configuration.md)"
        ))
    }
}

/// What the command line may override.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    /// `--config`.
    pub(crate) file: Option<PathBuf>,
    /// `--listen`.
    pub(crate) listen: Option<SocketAddr>,
    /// `--data-dir`.
    pub(crate) data_dir: Option<PathBuf>,
}

impl Config {
    /// Reads file, variables and overrides, later ones winning, and checks the result.
    pub(crate) fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        match &overrides.file {
            Some(file) if !file.exists() => {
                return Err(ConfigError(format!(
                    "there is no configuration file {}",
                    file.display()
                )));
            }
            Some(file) => figment = figment.merge(Toml::file_exact(file)),
            None => {
                if let Some(file) = USUAL_FILES.iter().find(|file| Path::new(file).exists()) {
                    figment = figment.merge(Toml::file_exact(file));
                }
            }
        }
        let names: Vec<&str> = VARIABLES.iter().map(|(name, _)| *name).collect();
        let variables = Env::prefixed("MAILFATE_").only(&names).map(|name| {
            VARIABLES
                .iter()
                .find(|(variable, _)| name == *variable)
                .map_or_else(|| name.into(), |(_, key)| (*key).into())
        });
        figment = figment.merge(variables);
        if let Some(listen) = overrides.listen {
            figment = figment.merge(Serialized::default("listen", listen));
        }
        if let Some(data_dir) = &overrides.data_dir {
            figment = figment.merge(Serialized::default("data_dir", data_dir));
        }
        let config: Self = figment.extract().map_err(|error| in_words(&error))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: String| Err(ConfigError(text));
        if let Some(url) = &self.public_url
            && let Err(error) = PublicUrl::parse(url)
        {
            return wrong(format!("public_url is {url:?}: {error}"));
        }
        if self.database.portal_connections == 0 {
            return wrong("database.portal_connections is 0; the web server needs at least one".to_owned());
        }
        self.spool.check()?;
        if self.retention.max_age_days > LONGEST_AGE_DAYS {
            return wrong(format!(
                "retention.max_age_days is {}; {LONGEST_AGE_DAYS} at most, or 0 to keep mail for ever",
                self.retention.max_age_days
            ));
        }
        for (index, source) in self.sources.iter().enumerate() {
            let place = format!("sources[{index}]");
            if source.name.trim().is_empty() {
                return wrong(format!("{place}.name is empty; every source needs a name"));
            }
            if self
                .sources
                .iter()
                .take(index)
                .any(|other| other.name == source.name)
            {
                return wrong(format!(
                    "{place}.name is {:?}, like a source before it; names must differ",
                    source.name
                ));
            }
            source.source(&place)?;
        }
        Ok(())
    }

    /// The sources as the worker opens them.
    pub(crate) fn sources(&self) -> Result<Vec<ingest::source::SourceConfig>, ConfigError> {
        let sources = self.sources.iter().enumerate();
        sources
            .map(|(index, source)| source.source(&format!("sources[{index}]")))
            .collect()
    }

    /// The address that people type, checked when the configuration was read.
    pub(crate) fn public_url(&self) -> Option<PublicUrl> {
        self.public_url
            .as_deref()
            .and_then(|url| PublicUrl::parse(url).ok())
    }
}

/// The key, what is wrong with it, and where it stands.
fn in_words(error: &figment::Error) -> ConfigError {
    let place = match error
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.source.as_ref())
    {
        Some(Source::File(path)) => path.display().to_string(),
        _ => error.metadata.as_ref().map_or_else(
            || "the configuration".to_owned(),
            |metadata| metadata.name.to_string(),
        ),
    };
    // Figment calls the root by the name of its profile.
    let path = error.path.join(".");
    let key = |last: &str| match path.as_str() {
        "" => last.to_owned(),
        path if last.is_empty() || path.ends_with(last) => path.to_owned(),
        path => [path, last].join("."),
    };
    ConfigError(match &error.kind {
        Kind::UnknownField(name, known) => {
            format!(
                "{place}: there is no key {}; known here: {}",
                key(name),
                known.join(", ")
            )
        }
        Kind::MissingField(name) => format!("{place}: the key {} is missing", key(name)),
        Kind::InvalidType(found, wanted) | Kind::InvalidValue(found, wanted) => {
            format!("{place}: {} is {found}, but must be {wanted}", key(""))
        }
        Kind::Message(text) => match key("").as_str() {
            // Not TOML at all: the parser's message has the line.
            "" => format!("{place}: {text}"),
            key => format!("{place}: {key}: {text}"),
        },
        other => format!("{place}: {}: {other}", key("")),
    })
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place where the environment is read"
)]
fn default_data_dir() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/mailfate");
    }
    let from_xdg = std::env::var("XDG_DATA_HOME")
        .ok()
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let from_home = || std::env::home_dir().map(|home| home.join(".local/share"));
    from_xdg.or_else(from_home).map_or_else(
        || PathBuf::from("mailfate-data"),
        |folder| folder.join("mailfate"),
    )
}

/// Beside the program as packages put it, or in a checkout.
fn default_site_dir() -> PathBuf {
    let program = std::env::current_exe().ok();
    let beside = program
        .as_deref()
        .and_then(Path::parent)
        .map(|folder| [folder.join("site"), folder.join("../share/mailfate/site")]);
    beside
        .into_iter()
        .flatten()
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| PathBuf::from("target/site"))
}

fn default_postgres_user() -> String {
    "postgres".to_owned()
}

fn default_log() -> String {
    // sqlx passes on every notice of PostgreSQL, like "already exists, skipping".
    "info,sqlx=warn".to_owned()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("test.toml");
        std::fs::write(&file, text).expect("a file");
        let overrides = Overrides {
            file: Some(file.clone()),
            ..Overrides::default()
        };
        Config::load(&overrides).map_err(|error| {
            error
                .to_string()
                .replace(&file.display().to_string(), "test.toml")
        })
    }

    #[test]
    fn an_empty_file_is_enough() {
        let config = load("").expect("defaults");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(config.database.is_embedded() && config.public_url().is_none());
    }

    #[test]
    fn the_example_of_the_documentation_is_right() {
        let text = include_str!("../../docs/configuration.md");
        let example = text
            .split("```toml\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next())
            .expect("an example");
        let config = load(example).expect("a right example");
        assert!(!config.database.is_embedded());
        assert_eq!(config.sources.len(), 2);
    }

    #[test]
    fn every_key_is_documented() {
        let text = include_str!("../../docs/configuration.md");
        for key in [
            "listen",
            "public_url",
            "trusted_proxies",
            "data_dir",
            "site_dir",
            "postgres_user",
            "log",
            "log_json",
            "portal_url",
            "ingest_url",
            "owner_url",
            "portal_connections",
            "databases",
            "name",
            "zone",
            "path",
            "udp",
            "tcp",
            "tls",
            "certificate",
            "key",
            "client_ca",
            "unix",
            "pipe",
            "stdin",
            "journal",
            "directory",
            "units",
            "identifiers",
            "format",
            "folder",
            "most_bytes",
            "copy_addresses",
            "max_age_days",
        ] {
            assert!(
                text.contains(&["`", key, "`"].concat()) || text.contains(&[".", key, "`"].concat()),
                "{key}"
            );
        }
        for (variable, _) in VARIABLES {
            assert!(
                text.contains(&["`MAILFATE_", variable, "`"].concat()),
                "{variable}"
            );
        }
    }

    #[test]
    fn a_mistake_is_one_sentence_with_key_and_file() {
        for (text, expected) in [
            (
                "listn = 1",
                "test.toml: there is no key listn; known here: listen, ",
            ),
            ("listen = 5", "test.toml: listen is "),
            (
                "listen = 'here'",
                "test.toml: listen: invalid socket address syntax",
            ),
            (
                "[database]\nurl = ''",
                "test.toml: there is no key database.url; known here: portal_url, ",
            ),
            (
                "[[sources]]\nname = 'a'",
                "sources[0] does not say where its lines come from; set one of path, udp, ",
            ),
            (
                "[[sources]]\nname = 'a'\nudp = '[::]:5514'\ntcp = '[::]:5514'",
                "sources[0] has several of path, udp, ",
            ),
            (
                "[[sources]]\nname = 'a'\nudp = '5514'",
                "test.toml: sources.0.udp: invalid socket address syntax",
            ),
            (
                "[[sources]]\nname = 'a'\nudp = '[::]:5514'\nformat = 'journal-export'",
                "sources[0].format is \"journal-export\"; only tcp, ",
            ),
            ("[spool]\nmost_bytes = 5", "spool.most_bytes is 5; it must be"),
            (
                "[[sources]]\nname = 'a'\npath = 'x'\nzone = 'Berlin'",
                "sources[0].zone is \"Berlin\"; it must be",
            ),
            (
                "[[sources]]\nname = 'a'\npath = 'x'\n[[sources]]\nname = 'a'\npath = 'y'",
                "sources[1].name is \"a\", like a source before it",
            ),
            (
                "public_url = 'mail.example.net'",
                "public_url is \"mail.example.net\": ",
            ),
            (
                "[retention]\nmax_age_days = 40000",
                "retention.max_age_days is 40000; 36500 at most",
            ),
            ("x = [", "test.toml: "),
        ] {
            let error = load(text).map(|_| ()).expect_err(text);
            assert!(error.starts_with(expected), "{text}\n  {error}\n  {expected}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        let config = load("[database]\nportal_url = 'postgres://x:topsecret@h/d'").expect("a url");
        assert!(!format!("{config:?}").contains("topsecret"));
        assert!(!config.database.is_embedded());
    }
}
