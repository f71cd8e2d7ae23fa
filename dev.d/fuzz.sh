# Looks for bytes of strangers that break the codec, the engine or the sync session. What is found is
# copied to tests/fixtures/strangers, where a plain test tries it again for ever.
# shellcheck shell=bash

fuzz_version=0.13.2
fuzz_targets=(batch received events frames)
fuzz_memory_mb=1024
fuzz_input_timeout_s=20

command_fuzz() {
  local seconds=600 targets=() argument
  for argument in "$@"; do
    if [[ $argument =~ ^[0-9]+$ ]]; then
      seconds=$argument
    elif [[ " ${fuzz_targets[*]} " == *" $argument "* ]]; then
      targets+=("$argument")
    else
      refuse "there is no fuzz target \"$argument\"; there are: ${fuzz_targets[*]}"
    fi
  done
  [ ${#targets[@]} -gt 0 ] || targets=("${fuzz_targets[@]}")
  compilers
  packages "libFuzzer, which is C++" "${packages_build[@]}"
  cargo_tool cargo-fuzz "$fuzz_version"
  for argument in "${targets[@]}"; do
    fuzz "$argument" "$seconds"
  done
}

# fuzz TARGET SECONDS: without a sanitizer, which a stable compiler does not have and code without
# `unsafe` does not need.
fuzz() {
  local corpus=$cache/fuzz/corpus/$1 found=$cache/fuzz/found/$1 kept=tests/fixtures/strangers/$1
  mkdir -p "$corpus" "$found"
  say "▸ Fuzzing $1 for $2 s"
  CARGO_TARGET_DIR=$cache/fuzz/target cargo fuzz run --fuzz-dir fuzz --sanitizer none "$1" \
    "$corpus" "$kept" -- -artifact_prefix="$found/" -max_total_time="$2" -print_final_stats=1 \
    -rss_limit_mb="$fuzz_memory_mb" -timeout="$fuzz_input_timeout_s" ||
    refuse "found: $found. Copy it to $kept, mend what it breaks, and keep it there."
}
