#!/usr/bin/env bash
# The programs in `applications` work beside what else they use, and their spans arrive. Each is built alone,
# as its own program would be: features of one would hide what another lacks.
set -euo pipefail
cd "$(dirname "$0")/../applications"

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/../target}"
cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
for manifest in */Cargo.toml; do
  application="${manifest%/*}"
  cargo fmt --package "$application" --check
  cargo test --locked --package "$application"
  if grep --quiet '^\[features\]' "$manifest"; then
    cargo test --locked --package "$application" --all-features
  fi
done
