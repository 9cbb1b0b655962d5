#!/usr/bin/env bash
# Everything about the stack that can be checked without starting it. Needs promtool and Python 3;
# the compose file is checked where there is a compose to ask.
set -euo pipefail
cd "$(dirname "$0")/.."

promtool check config --lint=all --lint-fatal prometheus/prometheus.yml
promtool check rules --lint=all --lint-fatal prometheus/rules/*.yml
promtool test rules prometheus/tests/*.yml
scripts/lint-dashboards.py

if docker compose version >/dev/null 2>&1; then
  docker compose config --quiet
elif command -v docker-compose >/dev/null; then
  docker-compose config --quiet
fi
