#!/usr/bin/env bash
# The public API of the crates for others breaks nothing that their versions promise, compared with the
# last tag `v*`: https://doc.rust-lang.org/cargo/reference/semver.html.
set -euo pipefail
cd "$(dirname "$0")/.."

git() { command git -c safe.directory='*' "$@"; } # Whoever owns the files.
if [[ -e .git && "$(git rev-parse --is-shallow-repository)" == true ]]; then
  echo "a shallow clone has no tags: expected a whole one" >&2
  exit 1
fi
last=""
[[ ! -e .git ]] || last="$(git tag --list 'v*' --merged HEAD --sort=-version:refname)"
last="${last%%$'\n'*}"
if [[ -z "$last" ]]; then
  echo "there is no tag v* yet: the public API is compared from the first release on"
  exit
fi
echo "compared with $last"
cargo semver-checks --baseline-rev "$last" --all-features \
  --package grpc-wire --package listener --package prom-text \
  --package tonic-resilience --package tonic-stack --package tonic-telemetry
