#!/usr/bin/env bash
# The crates that are made for copying build in somebody else's workspace, as docs/copying.md says.
set -euo pipefail
cd "$(dirname "$0")/.."

yours="$(mktemp -d)"
trap 'rm -rf "$yours"' EXIT
mkdir "$yours/crates"
cp -r crates/{grpc-wire,listener,tonic-telemetry,tonic-resilience,tonic-stack,dev-identity} "$yours/crates"
# The versions that are known to fit together.
cp Cargo.lock "$yours"
{
  echo '[workspace]'
  echo 'resolver = "3"'
  echo 'members = ["crates/*"]'
  for table in package dependencies lints.rust lints.rustdoc lints.clippy; do
    sed -n "/^\[workspace.$table\]/,/^\[profile/{/^\[profile/d;p}" Cargo.toml |
      sed '1!{/^\[/,$d}'
  done
} >"$yours/Cargo.toml"
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}" cargo build --manifest-path "$yours/Cargo.toml" --examples
