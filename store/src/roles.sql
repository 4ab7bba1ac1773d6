-- The three roles of Mailfate, made once per cluster by a superuser before the first `mailfate migrate`.
-- The embedded cluster runs this file by itself. For a cluster of your own, run it with psql, then give each role a password
-- (\password mailfate_owner) and make the database: create database mailfate owner mailfate_owner;
do $$
begin
    -- Owns the tables and runs migrations. Row level security is forced on owners too, so administration needs BYPASSRLS.
    if not exists (select from pg_roles where rolname = 'mailfate_owner') then
        create role mailfate_owner login nosuperuser nocreatedb nocreaterole noreplication bypassrls;
    end if;
    -- Writes mail. COPY into a table with row level security is refused without BYPASSRLS; its grants are few instead.
    if not exists (select from pg_roles where rolname = 'mailfate_ingest') then
        create role mailfate_ingest login nosuperuser nocreatedb nocreaterole noreplication bypassrls;
    end if;
    -- Answers web pages. No attribute that goes around row level security; `mailfate serve` checks that at start.
    if not exists (select from pg_roles where rolname = 'mailfate_portal') then
        create role mailfate_portal login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
    end if;
end
$$;
