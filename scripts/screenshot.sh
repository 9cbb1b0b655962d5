#!/usr/bin/env bash
# Makes docs/trace.png: one real call through the running stack, in the Jaeger UI. Needs Chromium,
# and `tracewalk up` in another terminal.
set -euo pipefail
cd "$(dirname "$0")/.."

trace="$(curl --fail --silent --output /dev/null --dump-header - http://127.0.0.1:8080/v1/users/1 |
  sed -n 's/^x-trace-id: \([0-9a-f]*\).*/\1/p')"
[ -n "$trace" ] || { echo "no answer on port 8080: is the stack up?" >&2; exit 1; }
profile="$(mktemp -d)"
trap 'rm -rf "$profile"' EXIT
sleep 2 # Spans are sent every second.
chromium --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$profile" \
  --window-size=1280,500 --hide-scrollbars --virtual-time-budget=8000 \
  --screenshot=docs/trace.png "http://127.0.0.1:16686/trace/$trace"
