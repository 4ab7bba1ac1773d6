#!/bin/sh
# Checks that nothing of the server has found its way into the browser's code.
#
# One wrong feature in a Cargo.toml is enough to pull the database client or the web server into the
# wasm. Some of that compiles, and is noticed only as half a megabyte that every visitor loads.
set -eu
target=wasm32-unknown-unknown
forbidden='sqlx|sqlx-.*|axum|axum-.*|leptos_axum|tower-http|hyper|mailfate-store|mailfate-tracer|mailfate-ingest|mailfate-cli|mailfate-server'
# What tokio's network part stands on; the rest of tokio is harmless. (A regex engine would be too
# large as well, but Leptos names one for its configuration and the linker drops it.)
forbidden="$forbidden|mio|socket2|rustls"

tree=$(cargo tree --package mailfate-front --target $target --edges normal --prefix none --format '{p}')
found=$(echo "$tree" | grep -E "^($forbidden) v" | sort -u || true)
[ -z "$found" ] && exit 0

echo "The browser's code (package mailfate-front) must not depend on:" >&2
echo "$found" | while read -r name version rest; do
    echo
    cargo tree --package mailfate-front --target $target --edges normal --invert "$name@${version#v}" || true
done >&2
exit 1
