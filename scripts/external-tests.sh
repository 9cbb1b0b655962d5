#!/usr/bin/env bash
# The tests that only the feature `external` has, and those that do more with it; `cargo test --workspace` has run
# the others.
set -euo pipefail
cd "$(dirname "$0")/.."

more=(ledgers_agree::clients_histograms_and_spans_count_the_same_calls)
list() {
  cargo test --workspace --tests --locked "$@" -- --list --format terse | sed -n 's/: test$//p' | sort
}
without="$(list)"
with="$(list --features external)"
mapfile -t names < <(comm -13 <(echo "$without") <(echo "$with"))
((${#names[@]} > 0)) || { echo "the feature has no tests of its own" >&2; exit 1; }
for name in "${more[@]}"; do
  grep --quiet --line-regexp --fixed-strings "$name" <<<"$with" || { echo "there is no test $name" >&2; exit 1; }
done
cargo test --workspace --tests --features external --locked -- --exact "${more[@]}" "${names[@]}"
