#!/usr/bin/env bash
# The crates that are made for copying build in somebody else's workspace, as docs/copying.md says.
set -euo pipefail
cd "$(dirname "$0")/.."

yours="$(mktemp -d)"
trap 'rm -rf "$yours"' EXIT
mkdir "$yours/crates"
cp -r crates/{grpc-wire,listener,tonic-telemetry,tonic-resilience,tonic-stack,dev-identity,test-support} "$yours/crates"
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
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
cargo build --manifest-path "$yours/Cargo.toml" --examples

# Kubernetes and Docker send SIGTERM: the examples drain, write their ledger, and end well.
for example in your_service both_stacks; do
  OTEL_TRACES_EXPORTER=none "$CARGO_TARGET_DIR/debug/examples/$example" >"$yours/log" &
  timeout 10 bash -c "until grep -q 'asked myself' '$yours/log'; do sleep 0.1; done"
  kill -TERM $!
  wait $! || { echo "$example ended with $? at SIGTERM" >&2; exit 1; }
  grep -q 'span ledger' "$yours/log" || { echo "$example has written no ledger" >&2; exit 1; }
done
