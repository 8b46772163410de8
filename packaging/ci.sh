#!/usr/bin/env bash
# The tests of `make ci`, in the order in which a fault is cheapest to find. Style and types ran
# before. The test command is the README's own.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    local begun=$SECONDS
    echo "== $*"
    "$@"
    echo "== $* took $((SECONDS - begun)) s"
}

command=$(grep -oE '^make test$' README.md) || { echo "README.md names no test command"; exit 1; }
# A virtual screen first: it is where the window is used.
step make e2e
# PyInstaller keeps one core busy and the tests the other.
make .venv/.bundle
log=$(mktemp)
make bundle >"$log" 2>&1 &
building=$!
# shellcheck disable=SC2086
step $command
wait "$building" || { cat "$log"; echo "the bundle was not made"; exit 1; }
step make bundle-test
