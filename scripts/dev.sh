#!/usr/bin/env bash
# The development loop: as files change, checks types, rebuilds the native code and reruns tests.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

# Rebuilds after an edit; a build that failed is tried again after the next one.
watch_native() {
  local tried=build/.native-tried
  touch "$tried"
  while sleep 1; do
    if [ -n "$(find native test/native CMakeLists.txt -newer "$tried" -print -quit)" ]; then
      touch "$tried"
      if bash scripts/setup.sh native; then build/luge_test --minimal || true; fi
    fi
  done
}

bash scripts/setup.sh
trap 'kill $(jobs -p) 2>/dev/null' EXIT
tsc --watch --preserveWatchOutput &
watch_native &
vitest "$@"
