#!/usr/bin/env bash
# Runs clang-format with the given options over all C++ of the project.
set -euo pipefail
cd "$(dirname "$0")/.."

find native test/native -name '*.cc' -o -name '*.h' -o -name '*.inc' | sort |
  xargs clang-format "$@"
