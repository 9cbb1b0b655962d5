#!/usr/bin/env bash
# Makes docs/trace.png, one real call through the running stack in the Jaeger UI, and
# docs/dashboards.png, the first dashboard. Needs Chromium, and `tracewalk up` in another terminal,
# for five minutes: so long is the window of the dashboard.
#
#     scripts/screenshot.sh [HTTP [UI [DASHBOARDS]]]
#
# as 127.0.0.1:8080 127.0.0.1:16686 127.0.0.1:3000, the defaults
set -euo pipefail
cd "$(dirname "$0")/.."
http="${1:-127.0.0.1:8080}"
ui="${2:-127.0.0.1:16686}"
dashboards="${3:-127.0.0.1:3000}"

trace="$(curl --fail --silent --output /dev/null --dump-header - "http://$http/v1/users/1" |
  sed -n 's/^x-trace-id: \([0-9a-f]*\).*/\1/p')"
[ -n "$trace" ] || { echo "no answer from $http: is the stack up?" >&2; exit 1; }
# A service exports all its spans of a call at once, so with the three the trace is whole.
for _ in $(seq 50); do
  stored="$(curl --silent "http://$ui/api/traces/$trace")"
  [[ "$stored" == *'"gateway"'* && "$stored" == *'"user"'* && "$stored" == *'"profile"'* ]] && break
  sleep 0.2
done
profile="$(mktemp -d)"
trap 'rm -rf "$profile"' EXIT

shoot() { # FILE WIDTH,HEIGHT URL MILLISECONDS
  chromium --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$profile" \
    --disable-background-networking --disable-component-update --disable-sync \
    --window-size="$2" --hide-scrollbars --virtual-time-budget="$4" --screenshot="$1" "$3" \
    2>"$profile/said" || { cat "$profile/said" >&2; return 1; }
  echo "$1"
}
shoot docs/trace.png 1400,545 "http://$ui/trace/$trace" 8000
# Before its first refresh: the browser runs ahead of the clock, and there are no samples yet.
shoot docs/dashboards.png 1400,840 "http://$dashboards/d/start" 1500
