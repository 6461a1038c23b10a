#!/usr/bin/env bash
# Puts a binary that needs nothing else installed into prebuilds/, where the package looks for it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

if [ "$(uname -s)" != Linux ]; then
  echo 'prebuild: prebuilt binaries are made on Linux only' >&2
  exit 1
fi
bash scripts/setup.sh
CMAKE_BUILD_PARALLEL_LEVEL="$(getconf _NPROCESSORS_ONLN)" \
  cmake-js build --out build-prebuild --CDLUGE_PORTABLE=ON --CDLUGE_TESTS=OFF --log-level warn

folder="prebuilds/linux-$(node -p process.arch)"
addon=build-prebuild/Release/luge.node
rm -rf "$folder"
mkdir -p "$folder"
cp "$addon" "$folder/luge.glibc.node"
strip --strip-unneeded "$folder/luge.glibc.node"
ldd "$addon" | awk '/lib(hwy|gomp)\.so/ { print $3 }' | xargs -I{} cp -L {} "$folder/"
ls -l "$folder"
