# The steps of a test run: what each one is, and what it runs.
# shellcheck shell=bash

all_steps=(format shell spelling interface interface-tests lint licences build rust e2e-chromium e2e-desktop)
check_steps=(format shell spelling interface lint licences)

command_test() {
  local steps=()
  while [ $# -gt 0 ]; do
    case $1 in
      --long)
        export TIDELINE_SEEDS=2000 TIDELINE_OPERATIONS=500 TIDELINE_CYCLES=200
        export TIDELINE_FLIPS=10000 TIDELINE_TRACES=whole
        ;;
      --traces) export TIDELINE_TRACES=whole ;;
      --seeds | --operations | --cycles)
        [[ ${2:-} =~ ^[0-9]+$ ]] || refuse "$1 needs a number"
        declare -gx "TIDELINE_$(tr -d - <<<"${1^^}")=$2"
        shift
        ;;
      --verbose) step_verbose=1 ;;
      -*) refuse "there is no option $1" ;;
      *) steps+=("$1") ;;
    esac
    shift
  done
  [ ${#steps[@]} -gt 0 ] || steps=("${all_steps[@]}")
  # Random histories of merging, of 500 operations each; `--seeds` says otherwise.
  export TIDELINE_HISTORIES=${TIDELINE_HISTORIES:-2000}
  # An ordinary run repeats itself; a long one looks at random cases that nobody has seen yet.
  [ -n "${TIDELINE_SEEDS:-}" ] || export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-2026}
  run_steps "${steps[@]}"
}

command_e2e() {
  case ${1:-both} in
    chromium | desktop) run_steps "e2e-$1" ;;
    both) run_steps e2e-chromium e2e-desktop ;;
    *) refuse "end-to-end tests run in \"chromium\" and in \"desktop\", not in \"$1\"" ;;
  esac
}

run_steps() {
  local name wanted=" $* "
  export NO_COLOR=1 CARGO_TERM_COLOR=never
  compilers
  for name in "$@"; do
    [[ " ${all_steps[*]} " == *" $name "* ]] ||
      refuse "there is no step \"$name\"; there are: ${all_steps[*]}"
    wanted+="$(needs_of "$name") "
  done
  for name in "${all_steps[@]}"; do
    [[ $wanted != *" $name "* ]] || run_step "$name"
  done
  summary
}

# The steps that the step named cannot do without.
needs_of() {
  case $1 in
    e2e-*) printf 'interface build' ;;
    lint | build | rust) [ -d ui/dist ] || printf 'interface' ;;
  esac
}

run_step() {
  case $1 in
    format) step format "Formatting (cargo fmt)" check_format ;;
    shell) step shell "Shell scripts (shellcheck)" check_shell ;;
    spelling) step spelling "Spelling (typos)" check_spelling ;;
    interface) step_or_stop interface "Interface: types, lints, build" check_interface ;;
    interface-tests) step interface-tests "Interface: unit tests" test_interface ;;
    lint) step lint "Lints (clippy)" check_lint ;;
    licences) step licences "Licences and sources of what is linked (cargo deny)" check_licences ;;
    build) step_or_stop build "Building the programs and their tests" build_workspace ;;
    rust) step rust "Rust: units, merge properties, server, command line, tidiness" test_rust ;;
    e2e-*) step "$1" "End to end in ${1#e2e-}" "test_${1//-/_}" ;;
  esac
}

check_format() {
  rust_component fmt rustfmt
  cargo fmt --check -- --color never
  each_own_workspace cargo fmt --all --check -- --color never
}

check_shell() {
  python_tools
  shellcheck --external-sources dev .ci/run
}

check_spelling() {
  python_tools
  typos
}

check_interface() {
  build_interface
  npm --prefix ui run check
  each_package check
}

test_interface() {
  npm_packages ui
  npm --prefix ui test
}

check_lint() {
  native_packages
  rust_component clippy clippy
  cargo clippy "${whole_workspace[@]}" -- -D warnings
}

check_licences() {
  packages "compiling Rust with its C parts" "${packages_build[@]}"
  cargo_tool cargo-deny "$deny_version"
  cargo deny --locked check licenses bans sources
  if timeout 20 git ls-remote --quiet https://github.com/rustsec/advisory-db HEAD >/dev/null 2>&1; then
    cargo deny --locked check advisories
  else
    announce "The database of known vulnerabilities cannot be reached; that check was left out."
  fi
}

test_rust() {
  native_packages
  # Otherwise the tests that generate types would write them into the clone.
  export TS_RS_EXPORT_DIR=$cache/types
  if cargo_tool cargo-nextest "$nextest_version"; then
    cargo nextest run "${whole_workspace[@]}" --no-fail-fast --show-progress none
  else
    announce "cargo-nextest cannot be had; cargo test runs the same tests, more slowly."
    cargo test "${whole_workspace[@]}" --no-fail-fast
  fi
}

test_e2e_chromium() {
  packages "the end-to-end tests in a browser" "${packages_chromium[@]}"
  end_to_end chromium
}

test_e2e_desktop() {
  packages "the end-to-end tests of the desktop app, which need a display in memory" \
    "${packages_e2e_desktop[@]}"
  end_to_end desktop
}

# end_to_end chromium|desktop
end_to_end() {
  npm_packages tests/e2e
  TIDELINE_ENGINE=$1 TIDELINE_PROGRAMS=$CARGO_TARGET_DIR/debug npm --prefix tests/e2e test
}
