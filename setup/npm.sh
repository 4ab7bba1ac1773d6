#!/bin/sh
# Installs what a folder's package-lock.json names into its node_modules; does nothing when that is
# what is there already.
#
#   setup/npm.sh FOLDER
set -eu
folder=$1
installed_from=$folder/node_modules/.installed-from
cmp -s "$folder/package-lock.json" "$installed_from" && exit 0
npm ci --prefix "$folder" --prefer-offline --no-fund --no-audit --loglevel=error
cp "$folder/package-lock.json" "$installed_from"
