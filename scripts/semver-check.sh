#!/usr/bin/env bash
# The public API of the crates for others breaks nothing that their versions promise, compared with REV, or with
# the last tag `v*`: https://doc.rust-lang.org/cargo/reference/semver.html.
# Usage: scripts/semver-check.sh [REV]
set -euo pipefail
cd "$(dirname "$0")/.."

git() { command git -c safe.directory='*' "$@"; } # Whoever owns the files.
baseline="${1:-}"
if [[ -n "$baseline" ]]; then
  git rev-parse --quiet --verify "$baseline^{commit}" >/dev/null ||
    { echo "\`$baseline\` is no commit of this repository" >&2; exit 1; }
elif [[ -e .git ]]; then
  if [[ "$(git rev-parse --is-shallow-repository)" == true ]]; then
    echo "a shallow clone has no tags: expected a whole one" >&2
    exit 1
  fi
  baseline="$(git tag --list 'v*' --merged HEAD --sort=-version:refname)"
  baseline="${baseline%%$'\n'*}"
fi
if [[ -z "$baseline" ]]; then
  echo "there is no tag v* yet: the public API is compared from the first release on"
  exit
fi
echo "compared with $baseline"
packages=()
for crate in grpc-wire listener prom-text tonic-resilience tonic-stack tonic-telemetry tonic-telemetry-sqlx; do
  if git cat-file -e "$baseline:crates/$crate/Cargo.toml" 2>/dev/null; then
    packages+=(--package "$crate")
  else
    echo "$crate is new since then"
  fi
done
cargo semver-checks --baseline-rev "$baseline" --all-features "${packages[@]}"
