# Runs named steps one after the other: says what runs and how long it has been at it, keeps each
# step's output, shows it when the step fails, and sums up at the end.
# Knows nothing of what the steps do.
# shellcheck shell=bash

step_logs=$cache/logs
step_verbose=${TIDELINE_VERBOSE:-}
heartbeat_s=20
started_s=$SECONDS
step_names=() step_results=() step_counts=() step_durations=()
failures=0

# Where people read, also while a step's own output goes to its log.
exec 3>&1

say() { printf '%s\n' "$*"; }

announce() { printf '  %s\n' "$*" >&3; }

refuse() {
  printf 'dev: %s\n' "$*" >&2
  exit 1
}

# 75 -> 1:15
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# step NAME TITLE FUNCTION [ARGUMENT…]: a failure is remembered, and the next step runs.
# Not to be called as a condition: bash would then ignore `set -e` in everything below it.
step() {
  local name=$1 title=$2 began=$SECONDS result=ok run=run_kept
  shift 2
  mkdir -p "$step_logs"
  say "▸ $title"
  : >"$step_logs/$name.log"
  [ -z "$step_verbose" ] || run=run_shown
  set +e
  "$run" "$name" "$@"
  # shellcheck disable=SC2181
  [ $? = 0 ] || result=FAILED
  set -e
  step_names+=("$name") step_results+=("$result") step_durations+=($((SECONDS - began)))
  step_counts+=("$(count_tests "$step_logs/$name.log")")
  if [ "$result" = ok ]; then
    say "  done in $(clock $((SECONDS - began)))$(counted "${step_counts[-1]}")"
  else
    failed_step "$name"
  fi
}

# The same, for what the steps behind it cannot do without.
step_or_stop() {
  step "$@"
  [ "${step_results[-1]}" = ok ] || { summary || exit 1; }
}

run_shown() {
  local name=$1
  shift
  (
    set -euo pipefail
    "$@"
  ) 2>&1 | tee "$step_logs/$name.log"
}

run_kept() {
  local log=$step_logs/$1.log began=$SECONDS beats=0 process
  shift
  (
    set -euo pipefail
    "$@"
  ) >"$log" 2>&1 &
  process=$!
  while kill -0 "$process" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - began >= (beats + 1) * heartbeat_s)); then
      beats=$(((SECONDS - began) / heartbeat_s))
      say "  … $(clock $((SECONDS - began)))  $(last_line "$log")"
    fi
  done
  wait "$process"
}

last_line() { grep -v '^\s*$' "$1" | tail -n 1 | tr -d '\r' | cut -c1-90; }

failed_step() {
  failures=$((failures + 1))
  [ -n "$step_verbose" ] || tail -n "${TIDELINE_FAILURE_LINES:-80}" "$step_logs/$1.log" | sed 's/^/  │ /'
  say "  FAILED. Everything it printed: $step_logs/$1.log"
  say "  To run it alone: ./dev test $1"
}

# Tests that passed, by what nextest, `cargo test` and vitest print at their end.
count_tests() {
  sed -nE \
    -e 's/^ *Summary \[.*\] +[0-9]+(\/[0-9]+)? tests? run: ([0-9]+) passed.*/\2/p' \
    -e 's/^test result: .*[^0-9]([0-9]+) passed;.*/\1/p' \
    -e 's/^ +Tests  (.*[^0-9])?([0-9]+) passed.*/\2/p' \
    "$1" | awk '{ sum += $1 } END { if (NR) print sum }'
}

counted() { [ -z "$1" ] || printf ', %s tests passed' "$1"; }

summary() {
  local index total=0
  say ""
  printf '%-14s %8s %8s  %s\n' step tests time result
  for index in "${!step_names[@]}"; do
    printf '%-14s %8s %8s  %s\n' "${step_names[index]}" "${step_counts[index]:--}" \
      "$(clock "${step_durations[index]}")" "${step_results[index]}"
    total=$((total + ${step_counts[index]:-0}))
  done
  printf '%-14s %8s %8s\n' all "$total" "$(clock $((SECONDS - started_s)))"
  if ((failures > 0)); then
    say "$failures of ${#step_names[@]} steps failed."
    return 1
  fi
  say "All passed."
}

# What a step started must not outlive an interrupted run.
end_children() {
  local children
  children=$(jobs -p)
  # shellcheck disable=SC2086
  [ -z "$children" ] || kill $children 2>/dev/null || true
}
trap end_children EXIT
