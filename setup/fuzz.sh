#!/bin/sh
# Runs every fuzz target of the tracer for some seconds, with the golden cases as seeds. Stops at the first that fails and says where
# the log is that made it fail.
#
#   setup/fuzz.sh TOOLS SECONDS
#
# TOOLS is where setup/cargo-fuzz.sh installed to.
set -eu
tools=$1
seconds=$2
checkout=$(cd "$(dirname "$0")/.." && pwd)
found=$checkout/target/fuzz
cd "$checkout/tracer/fuzz"

# cargo-fuzz asks the compiler for coverage by an option that is meant for nightly ones; hence RUSTC_BOOTSTRAP. The address sanitizer
# would need a nightly's standard library, and has little to find in a crate without unsafe code.
export RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$checkout/target}/fuzz"
cargo_fuzz() { "$tools/bin/cargo-fuzz" "$@"; }

cargo_fuzz build --sanitizer none
for target in $(cargo_fuzz list); do
    mkdir -p "$found/corpus/$target" "$found/failures"
    echo "==> $target, $seconds s"
    cargo_fuzz run --sanitizer none "$target" "$found/corpus/$target" "$checkout/tracer/tests/cases" -- \
        -artifact_prefix="$found/failures/$target-" -max_total_time="$seconds" -max_len=4096 -timeout=10 -verbosity=0
done
