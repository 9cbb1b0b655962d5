#!/usr/bin/env bash
# Everything about the stack that can be checked without starting it. Needs Go (or the Prometheus and Jaeger
# that scripts/real-backends.sh has built), Python 3, and a Docker Compose; of two generations both judge.
set -euo pipefail
cd "$(dirname "$0")/.."

# The promtool of Prometheus 3, before Debian's, which refuses settings that came with it.
PATH="$(scripts/real-backends.sh prometheus jaeger):$PATH"
promtool check config --lint=all --lint-fatal prometheus/prometheus.yml
promtool check rules --lint=all --lint-fatal prometheus/rules/*.yml
promtool test rules prometheus/tests/*.yml
scripts/lint-dashboards.py

# Jaeger knows every key of each role, and refuses one that it does not know.
roles="$(mktemp -d)"
trap 'rm -rf "$roles"' EXIT
sed -f scripts/jaeger-2.13.sed jaeger/scale-out.yml | csplit --quiet --prefix "$roles/" - '/^---$/' '{*}'
sed 's/group_id:/groups_id:/' "$roles/01" >"$roles/wrong"
for role in "$roles"/0*; do jaeger validate --config "$role"; done
! jaeger validate --config "$roles/wrong" 2>/dev/null || { echo "Jaeger takes an unknown key" >&2; exit 1; }

judges=0
for compose in "docker compose" docker-compose; do
  if version="$($compose version --short 2>/dev/null)"; then
    $compose config --quiet
    echo "Docker Compose $version takes docker-compose.yml"
    judges=$((judges + 1))
  fi
done
((judges > 0)) || { echo "no Docker Compose is there"; exit 1; }
# The image is built with the compiler that the checks run with.
channel="$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)"
grep -q "^FROM rust:$channel-" Dockerfile || { echo "the Dockerfile has another Rust than $channel"; exit 1; }
