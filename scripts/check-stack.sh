#!/usr/bin/env bash
# Everything about the stack that can be checked without starting it. Needs promtool, Python 3, and a
# Docker Compose of either generation.
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian's promtool refuses what came with Prometheus 3.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp -r prometheus/. "$work"
promtool --version 2>&1 | grep -q 'version 2' && sed -i '/# Prometheus 3$/d' "$work/prometheus.yml"
promtool check config --lint=all --lint-fatal "$work/prometheus.yml"
promtool check rules --lint=all --lint-fatal prometheus/rules/*.yml
promtool test rules prometheus/tests/*.yml
scripts/lint-dashboards.py

if docker compose version >/dev/null 2>&1; then
  docker compose config --quiet
else
  docker-compose config --quiet
fi
# The image is built with the compiler that the checks run with.
channel="$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)"
grep -q "^FROM rust:$channel-" Dockerfile || { echo "the Dockerfile has another Rust than $channel"; exit 1; }
echo "docker-compose.yml is well"
