#!/usr/bin/env bash
# Sets up what is missing, then runs every test, C++ and TypeScript, and tells how both went.
# Reports are left in build/reports.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
export PATH="$PWD/node_modules/.bin:$PATH"

bash scripts/setup.sh || exit 1
reports=build/reports
rm -rf "$reports"
mkdir -p "$reports"

echo '==> C++ tests'
build/luge_test --force-colors=false | tee "$reports/native.txt"
native=$?
echo '==> TypeScript tests'
vitest run --reporter=default --reporter=json --outputFile.json="$reports/vitest.json" "$@"
unit=$?

outcome() { if [ "$1" = 0 ]; then echo passed; else echo "FAILED (status $1)"; fi; }
echo "C++ tests: $(outcome $native)"
echo "TypeScript tests: $(outcome $unit)"
[ $native = 0 ] && [ $unit = 0 ]
