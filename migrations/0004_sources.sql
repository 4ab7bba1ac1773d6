-- The log sources that the worker follows: how far each was read and how fresh it is. Written in the transaction of the rows that were
-- read, so rows and position can never disagree.
create table source (
    name text primary key,
    -- The worker's own JSON, opaque to everything else.
    position text not null,
    -- The newest line's own time.
    newest_line_at timestamptz,
    -- When the worker last looked, with or without new lines.
    checked_at timestamptz not null,
    -- Totals since the source is followed.
    lines bigint not null,
    unrecognised bigint not null
);

-- What the worker counts and does not store, by cause: records with an absurd day must not hold up the batch that they stand in.
create table refusal (
    cause text collate "C" primary key,
    records bigint not null,
    last_at timestamptz not null
);

-- Freshness stands on every page; positions tell file names and are none of the portal's business.
grant select (name, newest_line_at, checked_at, lines, unrecognised) on source to mailfate_portal;
grant select, insert, update on source, refusal to mailfate_ingest;
