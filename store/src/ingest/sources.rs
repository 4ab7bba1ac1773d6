//! What the worker tells about its sources: how far each was read, how it is doing, what is missing, what nobody understood.
//!
//! Goes in: updates, in the transaction of the rows that were read. Comes out: rows that the portal shows as freshness.

use model::time::Micros;
use sqlx::PgConnection;

use crate::error::StoreError;
use crate::timestamp::Timestamp;

/// Samples kept of one source: more shapes than this are a program that nobody has taught us.
const MOST_SAMPLES: i64 = 200;

/// How far a source was read, and its freshness: written with the rows of the batch or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceUpdate {
    /// The source's name in the configuration.
    pub name: String,
    /// Where to read on: the worker's own JSON, opaque here.
    pub position: String,
    /// The newest line's own time; `None` keeps what is stored.
    pub newest_line_at: Option<Micros>,
    /// When the worker looked.
    pub checked_at: Micros,
    /// Lines read so far, in total: absolute numbers, so that writing the same update twice changes nothing.
    pub lines: i64,
    /// Lines of mail programs so far, in total.
    pub mail_lines: i64,
    /// Mail lines so far that no dialect understood, in total.
    pub unrecognised: i64,
    /// Bytes that were received and are not yet safe in the tables.
    pub spooled_bytes: i64,
    /// Why the source cannot be read just now, in words.
    pub problem: Option<String>,
}

/// Lines that are missing for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceGap {
    /// The source's name.
    pub source: String,
    /// One word: `file_lost`, `spool_full`, ...
    pub kind: &'static str,
    /// The newest line before the gap.
    pub from_at: Option<Micros>,
    /// When it was noticed.
    pub noticed_at: Micros,
    /// How many lines, where that is known.
    pub lines: Option<i64>,
    /// How many bytes, where that is known.
    pub bytes: Option<i64>,
    /// In words, for operators.
    pub detail: String,
}

/// A line that no dialect understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSample {
    /// The source's name.
    pub source: String,
    /// Hash of what its kind have in common.
    pub shape: i64,
    /// Who wrote it.
    pub program: String,
    /// The raw line.
    pub line: String,
    /// How many of its shape since the last sample was written.
    pub seen: i64,
    /// When the newest was written.
    pub at: Micros,
}

pub(super) async fn update(connection: &mut PgConnection, source: &SourceUpdate) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        insert into source
            (name, position, newest_line_at, checked_at, lines, mail_lines, unrecognised, spooled_bytes, problem)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (name) do update
        set position = excluded.position,
            newest_line_at = coalesce(excluded.newest_line_at, source.newest_line_at),
            checked_at = excluded.checked_at,
            lines = excluded.lines,
            mail_lines = excluded.mail_lines,
            unrecognised = excluded.unrecognised,
            spooled_bytes = excluded.spooled_bytes,
            problem = excluded.problem
        "#,
        source.name,
        source.position,
        source.newest_line_at.map(Timestamp) as _,
        Timestamp(source.checked_at) as _,
        source.lines,
        source.mail_lines,
        source.unrecognised,
        source.spooled_bytes,
        source.problem,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn add_gap(connection: &mut PgConnection, gap: &SourceGap) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        insert into source_gap (source, kind, from_at, noticed_at, lines, bytes, detail)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict do nothing
        "#,
        gap.source,
        gap.kind,
        gap.from_at.map(Timestamp) as _,
        Timestamp(gap.noticed_at) as _,
        gap.lines,
        gap.bytes,
        gap.detail,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn add_sample(
    connection: &mut PgConnection,
    sample: &SourceSample,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        insert into source_sample (source, shape, program, line, seen, first_at, last_at)
        select $1, $2, $3, $4, $5, $6, $6
        where (select count(*) from source_sample where source = $1) < $7
            or exists (select from source_sample where source = $1 and shape = $2)
        on conflict (source, shape) do update
        set seen = source_sample.seen + excluded.seen,
            line = excluded.line,
            last_at = greatest(source_sample.last_at, excluded.last_at)
        "#,
        sample.source,
        sample.shape,
        without_nul(&sample.program),
        without_nul(&sample.line),
        sample.seen,
        Timestamp(sample.at) as _,
        MOST_SAMPLES,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// PostgreSQL's texts hold no NUL, log lines may.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
