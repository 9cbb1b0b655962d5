#!/usr/bin/env bash
# Everything about the stack that can be checked without starting it. Needs promtool, Python 3, and a
# Docker Compose of either generation.
set -euo pipefail
cd "$(dirname "$0")/.."

promtool check config --lint=all --lint-fatal prometheus/prometheus.yml
promtool check rules --lint=all --lint-fatal prometheus/rules/*.yml
promtool test rules prometheus/tests/*.yml
scripts/lint-dashboards.py

if docker compose version >/dev/null 2>&1; then
  docker compose config --quiet
else
  docker-compose config --quiet
fi
echo "docker-compose.yml is well"
