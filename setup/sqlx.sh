#!/bin/sh
# Checks every query of the store against a database with the current migrations, and writes what it
# learned to .sqlx, from which all other builds take it (no database is needed to build Mailfate).
#
# Run it after a change of SQL or of a migration, and commit .sqlx with the change. It does what
# `cargo sqlx prepare` does, with a database of its own: a private PostgreSQL on a socket in a
# temporary folder, removed at the end.
set -eu
checkout=$(cd "$(dirname "$0")/.." && pwd)

postgres_programs() {
    for postgres in "$(pg_config --bindir 2>/dev/null)/postgres" /usr/lib/postgresql/*/bin/postgres; do
        [ -x "$postgres" ] && dirname "$postgres" && return
    done
    echo "no PostgreSQL server here: run setup/setup.sh" >&2
    exit 3
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}

bin=$(postgres_programs)
folder=$(mktemp -d)
queries=$(mktemp -d)
[ "$(id -u)" != 0 ] || chown postgres "$folder"
stop() {
    as_postgres "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop >/dev/null 2>&1 || true
    rm -rf "$folder" "$queries"
}
trap stop EXIT
trap 'exit 130' INT TERM

cd "$folder"
as_postgres "$bin/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
as_postgres "$bin/pg_ctl" --pgdata=data --log=log --wait --silent \
    --options="-c listen_addresses= -c unix_socket_directories=$folder -c fsync=off" start
run_sql() { psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --host="$folder" --username=postgres "$@"; }

# The roles that the migrations give rights to; in a real database `mailfate migrate` finds them there.
run_sql --file="$checkout/store/src/roles.sql"
run_sql --command='create database mailfate owner mailfate_owner'
# `mailfate migrate` keeps its own account of what was applied, and the programs ask it for the version.
run_sql --dbname=mailfate --command='create table _sqlx_migrations (version bigint primary key, description text not null,
    installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null, execution_time bigint not null)'
for migration in "$checkout"/migrations/*.sql; do
    run_sql --dbname=mailfate --single-transaction --file="$migration" ||
        { echo "$migration does not apply to a fresh database" >&2; exit 1; }
done

cd "$checkout"
# Cargo would find the crate fresh and the macros would not run.
touch store/src/lib.rs
DATABASE_URL="postgresql://postgres@localhost/mailfate?host=$folder" \
    SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$queries" \
    cargo check -p mailfate-store --all-targets
# Replaced as a whole, so that queries that are no more are forgotten.
rm -rf .sqlx
mkdir .sqlx
for query in "$queries"/query-*.json; do
    [ ! -e "$query" ] || cp "$query" .sqlx/
done
echo "$(find .sqlx -name 'query-*.json' | wc -l) checked queries in .sqlx"
