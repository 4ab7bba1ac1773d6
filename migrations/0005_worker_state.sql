-- What the worker remembers of mails that are still under way, saved now and then with the position that it belongs to. After a crash the
-- worker reads on from here and writes again what it had written since: the same rows, none twice.
create table worker_state (
    worker text primary key,
    -- Written by a program of this version; another one reads its sources from their beginning instead.
    format integer not null,
    -- Positions of all sources and the correlator, in the worker's own form.
    state bytea not null,
    saved_at timestamptz not null
);

-- Fragments of mails of every tenant: nobody but the worker reads it.
grant select, insert, update on worker_state to mailfate_ingest;

-- A record that turned out to be part of another mail is taken back.
grant delete on mail, mail_trail to mailfate_ingest;

alter table worker_state alter column state set compression lz4;
