#!/usr/bin/env bash
# Makes a checkout ready to run: system packages, npm packages, native build, TypeScript build.
# Does only what is missing or out of date. `setup.sh system` stops after the system packages and
# `setup.sh native` after the native build.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

step() { echo "==> $*"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

check_node() {
  has node || fail 'Node.js 20.19 or later is needed, and no node was found: see https://nodejs.org'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number);
           process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node.js 20.19 or later is needed, and this is $(node -v): see https://nodejs.org"
}

has_compiler() { has "${CXX:-c++}" || has g++ || has clang++; }

# Prints the Debian packages that are missing.
missing_debian() {
  has_compiler || echo g++
  has make || has ninja || echo make
  has cmake || echo cmake
  has clang-format || echo clang-format
  local package
  for package in libopenblas-openmp-dev libhwy-dev doctest-dev; do
    is_installed "$package" || echo "$package"
  done
}
is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
apt_knows() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }

# How to run a command as root, when that can be done at all.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    echo env
  elif has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    echo sudo env
  else
    return 1
  fi
}

# apt_install ROOT PACKAGE...: with lists of packages as old as they may be.
apt_install() {
  local root="$1"
  shift
  local package install="$root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq"
  install="$install --no-install-recommends"
  for package in "$@"; do
    if ! apt_knows "$package"; then
      step 'Updating the list of system packages'
      $root apt-get update -qq || return
      break
    fi
  done
  step "Installing system packages: $*"
  $install "$@" >/dev/null || { $root apt-get update -qq && $install "$@" >/dev/null; }
}

install_debian() {
  local root missing asked=build/.dataset-asked dataset=dataset-fashion-mnist
  missing="$(missing_debian | tr '\n' ' ')"
  if [ -n "$missing" ]; then
    # shellcheck disable=SC2086
    if ! root="$(as_root)" || ! apt_install "$root" $missing; then
      fail "system packages are missing; as root, run:
  apt-get update && apt-get install -y --no-install-recommends $missing"
    fi
  fi
  # A convenience, for an example with no network: asked for once, and done without if need be.
  if [ ! -e "$asked" ] && ! is_installed "$dataset" && root="$(as_root)"; then
    apt_install "$root" "$dataset" || echo "    (done without $dataset)"
    mkdir -p build
    touch "$asked"
  fi
}

install_homebrew() {
  has_compiler || fail 'a C++ compiler is needed; run: xcode-select --install'
  has brew || fail 'Homebrew is needed to install libraries: see https://brew.sh'
  # Homebrew takes a second to answer; its folders do not.
  local prefix missing='' formula
  prefix="$(dirname "$(dirname "$(command -v brew)")")"
  for formula in openblas libomp highway doctest; do
    [ -d "$prefix/opt/$formula" ] || missing="$missing $formula"
  done
  has cmake || missing="$missing cmake"
  has clang-format || missing="$missing clang-format"
  if [ -n "$missing" ]; then
    step "Installing system packages:$missing"
    # shellcheck disable=SC2086
    brew install --quiet $missing || fail "this failed: brew install$missing"
  fi
}

install_system() {
  case "$(uname -s)" in
    Darwin) install_homebrew ;;
    Linux)
      if has apt-get && has dpkg-query; then
        install_debian
      else
        # CMake tells which of the libraries is missing.
        has_compiler || fail 'a C++20 compiler is needed: install g++ or clang'
        has cmake || fail 'cmake is needed, and with their headers OpenBLAS (OpenMP build), Highway
and doctest: install them with your package manager'
      fi
      ;;
    *) fail "$(uname -s) is not supported: use Linux or macOS" ;;
  esac
}

install_npm() {
  if [ -e node_modules/.package-lock.json ] &&
    [ ! package-lock.json -nt node_modules/.package-lock.json ]; then
    return
  fi
  step 'Installing npm packages'
  npm ci --include=dev --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
}

# is_current STAMP PATH...: whether nothing under the paths is newer than the stamp.
is_current() {
  local stamp="$1"
  shift
  [ -e "$stamp" ] && [ -z "$(find "$@" -newer "$stamp" -print -quit)" ]
}

# built STAMP COMMAND...: runs a build, silent unless it fails. The stamp gets the time of the
# start, so that what is edited meanwhile is built next time.
built() {
  local stamp="$1" log
  shift
  log="$stamp.log"
  mkdir -p build
  touch "$stamp.start"
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
  mv "$stamp.start" "$stamp"
}

build_native() {
  # A build folder that was moved or copied here is of no use to CMake.
  if [ -e build/CMakeCache.txt ] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" build/CMakeCache.txt; then
    rm -rf build
  fi
  if [ -e build/Release/luge.node ] && [ -e build/luge_test ] &&
    is_current build/.native native test/native CMakeLists.txt package-lock.json; then
    return
  fi
  local hint=''
  [ -e build/CMakeCache.txt ] || hint=' (a minute or two, the first time)'
  step "Building the native code$hint"
  CMAKE_BUILD_PARALLEL_LEVEL="$(getconf _NPROCESSORS_ONLN)" \
    built build/.native cmake-js build || fail 'the native build failed'
}

build_lib() {
  if [ -e dist/index.js ] &&
    is_current build/.lib lib tsconfig.json tsconfig.build.json package-lock.json; then
    return
  fi
  step 'Building the library'
  built build/.lib bundle || fail 'the TypeScript build failed'
}

# Types as they are; the code in one file, which loads several times as fast as a hundred.
bundle() {
  tsc -p tsconfig.build.json &&
    esbuild lib/index.ts --bundle --platform=node --format=esm --target=node20 --packages=external \
      --keep-names --sourcemap --sources-content=true --log-level=warning --outfile=dist/index.js
}

until="${1:-all}"
check_node
install_system
if [ "$until" = system ]; then exit; fi
install_npm
build_native
if [ "$until" = native ]; then exit; fi
build_lib
