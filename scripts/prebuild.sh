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

# node-gyp empties the build folder of the place it works in, so it gets a place of its own.
rm -rf build-prebuild "prebuilds/linux-$(node -p process.arch)"
mkdir build-prebuild
cp -r package.json binding.gyp CMakeLists.txt native build-prebuild/

# node-gyp downloads Node's headers, except where Node brought them along.
prefix="$(node -p 'path.dirname(path.dirname(process.execPath))')"
if [ -e "$prefix/include/node/common.gypi" ]; then export npm_config_nodedir="$prefix"; fi

# prebuildify ships the shared libraries that lie beside the addon once it is built.
export GYP_DEFINES='portable=ON'
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(getconf _NPROCESSORS_ONLN)}"
prebuildify --napi --strip --tag-libc --target "$(node -v)" --cwd build-prebuild --out . \
  --postinstall "ldd build/Release/luge.node | awk '/lib(hwy|gomp)\.so/ { print \$3 }' |
    xargs cp -L -t build/Release"
ls -l prebuilds/*
