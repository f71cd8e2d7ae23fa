# Builds the interface and the two programs. Everything of a test run is compiled with one set of
# features: a second set would compile a good part of the dependencies twice.
# shellcheck shell=bash

whole_workspace=(--workspace --all-targets --features tideline/custom-protocol --locked)

build_interface() {
  npm_packages ui
  npm --prefix ui run build
}

# What the crates cannot be compiled without.
native_packages() {
  packages "compiling Rust with its C parts" "${packages_build[@]}"
  packages "the desktop window" "${packages_desktop[@]}"
}

build_workspace() {
  native_packages
  cargo build "${whole_workspace[@]}"
}

command_build() {
  compilers
  step_or_stop interface "Building the interface" build_interface
  step_or_stop build "Building the two programs" build_programs desktop release
  say "$CARGO_TARGET_DIR/release/tideline"
  say "$CARGO_TARGET_DIR/release/tideline-server"
}

# build_programs desktop|plain release|debug
build_programs() {
  local arguments=(--locked)
  packages "compiling Rust with its C parts" "${packages_build[@]}"
  [ "$2" = debug ] || arguments+=(--release)
  cargo build "${arguments[@]}" -p tideline-server
  if [ "$1" = desktop ]; then
    packages "the desktop window" "${packages_desktop[@]}"
    cargo build "${arguments[@]}" -p tideline --features custom-protocol
  else
    cargo build "${arguments[@]}" -p tideline --no-default-features
  fi
}

command_types() {
  rm -rf ui/src/bridge/generated
  cargo test --quiet --locked -p tideline-client export_bindings
  git diff --stat -- ui/src/bridge/generated
}

command_fix() {
  cargo fmt
  each_own_workspace cargo fmt --all
  npm_packages ui
  npm --prefix ui run format
  each_package format
}

# each_package SCRIPT: in the packages that drive the programs, beside the one of the interface.
each_package() {
  local folder
  for folder in tests/e2e benches/editor; do
    npm_packages "$folder"
    npm --prefix "$folder" run "$1"
  done
}

# each_own_workspace COMMAND…: in the workspaces of the benchmarks and of the fuzz targets, which are
# not in the one of the product.
each_own_workspace() {
  local manifest
  for manifest in benches/*/Cargo.toml fuzz/Cargo.toml; do
    [ ! -e "$manifest" ] || (cd "$(dirname "$manifest")" && "$@")
  done
}

# A benchmark is a folder with a cargo workspace, or with a Node program for what happens on a screen.
command_bench() {
  local known
  known=$(find benches -mindepth 2 -maxdepth 2 '(' -name Cargo.toml -o -name package.json ')' -printf '%h\n' |
    xargs -r -n 1 basename | sort)
  [ -n "$known" ] || refuse "no benchmark exists yet: the folder benches/ is empty"
  [ $# -gt 0 ] && grep -qxF "$1" <<<"$known" || refuse "name one of: ${known//$'\n'/ }"
  local name=$1
  shift
  compilers
  if [ -e "benches/$name/package.json" ]; then
    bench_screen "$name" "$@"
  else
    bench_crate "$name" "$@"
  fi
}

bench_crate() {
  local name=$1
  shift
  packages "compiling Rust with its C parts" "${packages_build[@]}"
  # A benchmark may consist of several programs; the one that is named starts the others. Not
  # --locked: what the product has come to depend on since is added to the benchmark's own lock file.
  cargo build --release --manifest-path "benches/$name/Cargo.toml"
  cargo run --release --manifest-path "benches/$name/Cargo.toml" --bin "$name-bench" -- "$@"
}

# Measures the programs as they are delivered, so those are built first.
bench_screen() {
  local name=$1
  shift
  packages "the desktop app under measurement, which needs a display in memory" \
    "${packages_e2e_desktop[@]}"
  build_interface
  build_programs desktop release
  npm_packages "benches/$name"
  TIDELINE_PROGRAMS=$CARGO_TARGET_DIR/release npm --silent --prefix "benches/$name" run bench -- "$@"
}
