#!/bin/sh
# Runs one step of the build with the compiler that setup.sh chose: says what it is before, and how
# many seconds it took afterwards.
#
#   setup/step.sh "what it is" command [argument ...]
set -u
checkout=$(cd "$(dirname "$0")/.." && pwd)
title=$1
shift

# shellcheck source=/dev/null # written by setup.sh
[ ! -e "$checkout/target/setup.env" ] || . "$checkout/target/setup.env"

echo "==> $title"
started=$(date +%s)
"$@"
code=$?
seconds=$(($(date +%s) - started))
if [ $code -eq 0 ]; then
    echo "==> $title: $seconds s"
else
    echo "==> $title: FAILED after $seconds s (exit code $code)" >&2
fi
exit $code
