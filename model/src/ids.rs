//! Newtypes for ids, so that a domain can never be passed where a tenant is meant.
//!
//! Goes in: numbers from the database or text from a URL. Comes out: typed ids. Existence and rights are checked elsewhere, by `store`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::Micros;

/// An id that is in no list: which list, and what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{id:?} is no {kind}")]
pub struct UnknownId {
    /// The vocabulary or id type that was asked.
    pub kind: &'static str,
    /// What was asked for.
    pub id: String,
}

macro_rules! number_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    };
}

number_id!(/// A hosted mail domain.
    DomainId);

impl DomainId {
    /// No hosted domain: rows that only the operator's commands read. The database counts domains from 1, so it is in nobody's scope.
    pub const NONE: Self = Self(0);
}

number_id!(/// A tenant: operator, reseller or customer.
    TenantId);
number_id!(/// A person who signs in.
    UserId);
number_id!(/// A log source that we follow.
    SourceId);

/// The id of a record: the same log lines give the same id on every run and every machine.
///
/// Laid out like an RFC 9562 version 8 UUID: the first 48 bits are `connected_at` in milliseconds, the rest is a hash of what makes the
/// record unique. So the id alone tells the day, and with it the partition, that holds the record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(u128);

impl RecordId {
    /// Makes an id of the moment of connection and a hash of the record's identity (only its low 74 bits are used).
    pub const fn new(connected_at: Micros, hash: u128) -> Self {
        // A moment before 1970 wraps: 48 bits are what the layout has.
        let millis = (connected_at.0.div_euclid(1000).cast_unsigned() as u128) & 0xffff_ffff_ffff;
        let high = (hash >> 62) & 0xfff;
        let low = hash & 0x3fff_ffff_ffff_ffff;
        Self(millis << 80 | 0x8 << 76 | high << 64 | 0b10 << 62 | low)
    }

    /// The id as 16 bytes, big endian, as in PostgreSQL's `uuid`.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The id from PostgreSQL's `uuid`.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The first and the last microsecond that `connected_at` can be: the millisecond in the id.
    pub const fn connected_between(self) -> (Micros, Micros) {
        let millis = (self.0 >> 80) as i64;
        (Micros(millis * 1000), Micros(millis * 1000 + 999))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({self})")
    }
}

impl FromStr for RecordId {
    type Err = UnknownId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        is_hex
            .then(|| u128::from_str_radix(text, 16).ok())
            .flatten()
            .map(Self)
            .ok_or_else(|| UnknownId {
                kind: "RecordId",
                id: text.chars().take(64).collect(),
            })
    }
}

impl Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_tells_its_millisecond_and_survives_text() {
        let id = RecordId::new(Micros(1_795_296_617_327_456), u128::MAX);
        assert_eq!(
            id.connected_between(),
            (Micros(1_795_296_617_327_000), Micros(1_795_296_617_327_999))
        );
        assert_eq!(id.to_string().parse::<RecordId>(), Ok(id));
        assert_eq!(RecordId::from_bytes(id.to_bytes()), id);
        assert_eq!(&id.to_string()[12..13], "8", "version 8");
    }

    #[test]
    fn text_that_is_no_id_is_named() {
        for text in [
            "",
            "12",
            "zz000000000000000000000000000000",
            "+0000000000000000000000000000000",
        ] {
            assert!(text.parse::<RecordId>().is_err(), "{text}");
        }
    }
}
