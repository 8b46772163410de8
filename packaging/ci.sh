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
# shellcheck disable=SC2086
step $command
step make bundle-test
