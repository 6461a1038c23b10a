#!/usr/bin/env bash
# Runs the C++ tests, with asserts on, under AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh system
folder=build-sanitize
if [ -e "$folder/CMakeCache.txt" ] &&
  ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then
  rm -rf "$folder"
fi
# Sanitized code takes minutes to compile: not for instructions that this processor lacks.
lacks=''
grep -qs avx512f /proc/cpuinfo || lacks=-DLUGE_WITHOUT_AVX512
cmake -S . -B "$folder" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="$lacks" -DCMAKE_CXX_FLAGS_DEBUG='-O1 -g1' \
  -DLUGE_SANITIZE=ON >/dev/null
CMAKE_BUILD_PARALLEL_LEVEL="$(getconf _NPROCESSORS_ONLN)" cmake --build "$folder"
UBSAN_OPTIONS=print_stacktrace=1 "$folder/luge_test" "$@"
