//! Where a client's address is: country and network, from location databases in MaxMind's format (MMDB).
//!
//! Goes in: an IP address. Comes out: ISO country code, AS number and the operator's name, as far as the databases know. Names (PTR) are not
//! looked up here: DNS never stands in the writer's way. A database is read into memory once; nothing is fetched.
//!
//! Two layouts are in use, and both are understood: GeoLite2, DB-IP and IPinfo nest the code (`country.iso_code`), the @ip-location-db packages
//! are flat (`country_code`) and keep AS numbers in a file of their own.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{LookupResult, MaxMindDbError, Reader, WithinOptions, path};

/// What is known about an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeoAnswer {
    /// ISO 3166-1 alpha-2, upper case.
    pub country: Option<String>,
    /// Autonomous system number.
    pub asn: Option<u32>,
    /// Name of the network's operator.
    pub network: Option<String>,
}

/// The opened location databases; with none, every answer is empty.
#[derive(Default)]
pub struct Geo {
    databases: Vec<Reader<Vec<u8>>>,
}

/// Why a location database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// Not readable, or not in MaxMind's format.
    #[error("location database {path}: {source}")]
    Unreadable {
        /// The file as it was given.
        path: PathBuf,
        /// What the reader says.
        #[source]
        source: MaxMindDbError,
    },
    /// A database of something else.
    #[error(
        "location database {path} ({kind}) holds neither countries nor networks: give a country or an ASN database"
    )]
    NothingUseful {
        /// The file as it was given.
        path: PathBuf,
        /// The type that the database claims.
        kind: String,
    },
}

impl Geo {
    /// Opens the databases, usually one for countries and one for networks. Where two know a field, the first one's word counts.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> Result<Self, GeoError> {
        let databases = paths
            .iter()
            .map(|path| open_one(path.as_ref()))
            .collect::<Result<_, _>>()?;
        Ok(Self { databases })
    }

    /// Looks an address up. An address that a database does not know, or a damaged record, leaves its fields empty.
    pub fn lookup(&self, ip: IpAddr) -> GeoAnswer {
        let ip = ip.to_canonical();
        let mut answer = GeoAnswer::default();
        for database in &self.databases {
            // An IPv4-only database refuses IPv6 addresses: it knows nothing about them.
            let Ok(found) = database.lookup(ip) else {
                continue;
            };
            let more = read(&found);
            answer.country = answer.country.or(more.country);
            answer.asn = answer.asn.or(more.asn);
            answer.network = answer.network.or(more.network);
        }
        answer
    }
}

/// How many records of a database are looked at to see what it holds.
const LOOKED_AT: usize = 100;

fn open_one(path: &Path) -> Result<Reader<Vec<u8>>, GeoError> {
    let unreadable = |source| GeoError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let database = Reader::open_readfile(path).map_err(unreadable)?;
    // Databases of cities, proxies or domains look alike from the outside: the first records tell.
    let is_useful = database
        .networks(WithinOptions::default())
        .map_err(unreadable)?
        .take(LOOKED_AT)
        .flatten()
        .any(|found| read(&found) != GeoAnswer::default());
    if is_useful {
        Ok(database)
    } else {
        Err(GeoError::NothingUseful {
            path: path.to_owned(),
            kind: database.metadata().database_type.clone(),
        })
    }
}

fn read(found: &LookupResult<'_, Vec<u8>>) -> GeoAnswer {
    // A field of another type than expected is a field that we do not know.
    let text = |path: &[maxminddb::PathElement<'_>]| found.decode_path::<&str>(path).ok().flatten();
    GeoAnswer {
        country: text(&path!["country", "iso_code"])
            .or_else(|| text(&path!["country_code"]))
            .or_else(|| text(&path!["registered_country", "iso_code"]))
            .filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .map(str::to_ascii_uppercase),
        asn: found
            .decode_path(&path!["autonomous_system_number"])
            .ok()
            .flatten(),
        network: text(&path!["autonomous_system_organization"]).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../samples/geo")
            .join(name)
    }

    fn ask(geo: &Geo, ip: &str) -> (Option<String>, Option<u32>, Option<String>) {
        let answer = geo.lookup(ip.parse().expect("an address"));
        (answer.country, answer.asn, answer.network)
    }

    #[test]
    fn the_nested_layout_is_understood() {
        let geo = Geo::open(&[sample("demo.mmdb")]).expect("the demo's database");
        let own_server = (
            Some("FI".to_owned()),
            Some(64496),
            Some("Isp Test Oy, mail servers".to_owned()),
        );
        assert_eq!(ask(&geo, "192.0.2.25"), own_server);
        assert_eq!(ask(&geo, "::ffff:192.0.2.25"), own_server, "mapped into IPv6");
        assert_eq!(ask(&geo, "2001:db8:66::1").0.as_deref(), Some("EE"));
        assert_eq!(ask(&geo, "10.0.0.1"), (None, None, None));
    }

    #[test]
    fn two_databases_complete_each_other() {
        let network_only = Geo::open(&[sample("demo-asn.mmdb")]).expect("the demo's networks");
        let (country, asn, _) = ask(&network_only, "203.0.113.225");
        assert_eq!((country, asn), (None, Some(64510)));
        let both = Geo::open(&[sample("demo-asn.mmdb"), sample("demo.mmdb")]).expect("both");
        let (country, asn, _) = ask(&both, "203.0.113.225");
        assert_eq!((country.as_deref(), asn), (Some("CN"), Some(64510)));
        assert_eq!(
            Geo::default().lookup(IpAddr::from([192, 0, 2, 25])),
            GeoAnswer::default()
        );
    }

    #[test]
    fn an_error_names_the_file() {
        let message = |path: PathBuf| {
            Geo::open(&[path])
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        let missing = message(sample("nowhere.mmdb"));
        assert!(
            missing.contains("nowhere.mmdb") && missing.contains("No such file"),
            "{missing}"
        );
        let other_format = message(sample("make_mmdb.py"));
        assert!(other_format.contains("make_mmdb.py"), "{other_format}");
    }

    /// The flat layout as it is published: the country database of the npm package that `samples/geo/package.json` names.
    #[test]
    fn a_published_database_is_understood() {
        let installed =
            sample("node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb");
        let named = std::env::var_os("MAILFATE_TEST_COUNTRY_MMDB").map(PathBuf::from);
        let path = match named {
            Some(path) => path,
            None if installed.exists() => installed,
            None => {
                println!("not tested: setup/npm.sh samples/geo installs the database that this test needs");
                return;
            }
        };
        let geo = Geo::open(&[path]).expect("the database named by MAILFATE_TEST_COUNTRY_MMDB");
        assert_eq!(
            ask(&geo, "193.166.3.2").0.as_deref(),
            Some("FI"),
            "FUNET, since 1990"
        );
        assert_eq!(ask(&geo, "2001:708::1").0.as_deref(), Some("FI"));
        assert_eq!(
            ask(&geo, "192.0.2.25").0,
            None,
            "documentation networks are nowhere"
        );
    }
}
