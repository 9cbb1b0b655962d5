#!/usr/bin/env bash
# The programs in `applications` work beside what else they use. Each is built alone, as its own
# program would be: features of one would hide what another lacks.
set -euo pipefail
cd "$(dirname "$0")/../applications"

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/../target}"
for manifest in */Cargo.toml; do
  application="${manifest%/*}"
  cargo fmt --package "$application" --check
  cargo clippy --locked --package "$application" --all-targets --all-features -- -D warnings
  cargo test --locked --package "$application"
  cargo test --locked --package "$application" --all-features
done
