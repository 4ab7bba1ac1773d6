//! Moments on their way to and from `timestamptz`: microseconds, without a calendar crate between.
//!
//! Goes in and comes out: [`Micros`]. PostgreSQL sends microseconds since 2000-01-01 in UTC (binary format of `timestamptz`).

use model::time::{Micros, SECOND};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef, Postgres};
use sqlx::{Decode, Encode, Type};

/// 2000-01-01T00:00:00Z in Unix microseconds.
const POSTGRES_EPOCH: i64 = 946_684_800 * SECOND;

/// A `timestamptz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(pub(crate) Micros);

impl Timestamp {
    /// PostgreSQL's binary form.
    pub(crate) const fn to_postgres(self) -> i64 {
        self.0.0.saturating_sub(POSTGRES_EPOCH)
    }
}

impl From<Micros> for Timestamp {
    fn from(moment: Micros) -> Self {
        Self(moment)
    }
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl PgHasArrayType for Timestamp {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1185))
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.to_postgres(), buffer)
    }
}

impl Decode<'_, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        // Every question here is prepared, and prepared answers come in binary form.
        let micros = <i64 as Decode<Postgres>>::decode(value)?;
        Ok(Self(Micros(micros.saturating_add(POSTGRES_EPOCH))))
    }
}
