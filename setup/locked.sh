#!/bin/sh
# Runs a command that builds in the shared cargo target folder, alone there and with it claimed for
# this checkout.
#
#   setup/locked.sh command [argument ...]
#
# Checkouts share that folder so that a fresh clone finds the dependencies built. Cargo tells the
# crates of two checkouts apart by the times of their files only: a program built from another
# checkout passes for this one's when it is newer than all files here. So after a change of checkout
# our own crates (not the dependencies) are built anew; and as cargo must not be at work while they
# are forgotten, one checkout waits for the step of the other to end.
set -eu
checkout=$(cd "$(dirname "$0")/.." && pwd)
shared=${CARGO_TARGET_DIR:-}
# Cargo's own default folder belongs to one checkout.
[ -n "$shared" ] || exec "$@"
mkdir -p "$shared"

if command -v flock >/dev/null; then
    exec 9>"$shared/checkout.lock"
    flock --nonblock 9 || {
        echo "waiting: $(cut -d" " -f1 "$shared/built-from.txt" 2>/dev/null || echo another checkout) builds in $shared ..." >&2
        flock 9
    }
fi

# The inode tells two clones apart that were made one after the other in the same place.
here="$checkout $(stat -c %i "$checkout" 2>/dev/null || stat -f %i "$checkout")"
if [ "$(cat "$shared/built-from.txt" 2>/dev/null)" != "$here" ]; then
    rm -rf "$shared"/*/.fingerprint/mailfate-* "$shared"/*/*/.fingerprint/mailfate-*
    echo "$here" >"$shared/built-from.txt"
fi

# Without the lock: a server that a test leaves behind must not hold it.
"$@" 9>&-
