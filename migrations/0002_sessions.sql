-- Web sessions. The portal writes them; they hold no tenant's data, only who has signed in.
create table session (
    -- BLAKE3 of the id in the cookie: who reads this table, or a backup of it, cannot take over a session.
    id_hash bytea primary key,
    -- JSON of tower-sessions.
    data text not null,
    expires_at timestamptz not null
);
create index session_expires_at on session (expires_at);

grant select, insert, update, delete on session to mailfate_portal;
