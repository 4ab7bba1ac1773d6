#!/bin/sh
# Installs cargo-fuzz into a folder of its own; does nothing when it is there.
#
#   setup/cargo-fuzz.sh FOLDER
set -eu
[ ! -x "$1/bin/cargo-fuzz" ] || exit 0
cargo install --quiet cargo-fuzz --version 0.13.2 --locked --root "$1"
