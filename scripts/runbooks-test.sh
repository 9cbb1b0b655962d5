#!/usr/bin/env bash
# Plays the section "Try it" of each runbook that says nothing of Docker: what its first block says makes the
# alert fire, and what its second says, or the end of the first, makes it end. Each stack is of its own.
# scripts/compose-test.sh plays the others, with Docker.
# Usage: scripts/runbooks-test.sh [path of the tracewalk binary]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/runbook.sh

binary="$(realpath "${1:-${CARGO_TARGET_DIR:-target}/debug/tracewalk}")"
work="$(mktemp -d)"
stop() {
  # The stacks, each of which ends its services, and what they use.
  cat "$work"/*/*.pid 2>/dev/null | xargs --no-run-if-empty kill 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT

# The program as the pages have it, on the ports of this stack.
tracewalk() {
  address() { echo "127.0.0.1:$((base + $1))"; }
  case "$1" in
  up)
    shift
    "$binary" up --json --data-dir "$PWD/data" "${@/:2379/:$((base + 79))}" \
      --gateway-listen "$(address 51)" --user-listen "$(address 52)" --profile-listen "$(address 53)" \
      --gateway-admin-listen "$(address 1)" --user-admin-listen "$(address 2)" \
      --profile-admin-listen "$(address 3)" --http-listen "$(address 80)" \
      --otlp-listen "$(address 17)" --otlp-http-listen "$(address 18)" --ui-listen "$(address 86)" \
      --prometheus-listen "$(address 90)" --dashboards-listen "$(address 30)" >up.log 2>&1 &
    echo $! >up.pid
    until_true 120 grep -q '"first_trace"' up.log
    ;;
  *) TRACEWALK_GATEWAY="$(address 51)" "$binary" "$@" ;;
  esac
}

# The registry of this stack.
etcd() {
  local clients="http://127.0.0.1:$((base + 79))"
  command etcd "$@" --listen-client-urls "$clients" --advertise-client-urls "$clients" \
    --listen-peer-urls "http://127.0.0.1:$((base + 78))" >etcd.log 2>&1 &
  echo $! >etcd.pid
}
pkill() { kill "$(cat "$1.pid")"; }

# play BASE COMMANDS END ALERT…: makes the alerts fire and end.
play() {
  local base=$1 commands=$2 end=$3 begin=$SECONDS
  shift 3
  mkdir "$work/$base"
  cd "$work/$base"
  case "$commands" in *"tracewalk up"*) ;; *) tracewalk up ;; esac
  eval "$commands" >commands.log 2>&1 &
  for alert in "$@"; do
    until_true 240 alert_fires "http://127.0.0.1:$((base + 90))" "$alert" true ||
      { tail -n 20 ./*.log; echo "FAILED: $alert does not fire: $commands"; return 1; }
    echo "$alert fires after $((SECONDS - begin)) s"
  done
  wait $! || { cat commands.log; echo "FAILED: $commands"; return 1; }
  begin=$SECONDS
  eval "$end" >end.log 2>&1 || { cat end.log; echo "FAILED: $end"; return 1; }
  for alert in "$@"; do
    until_true 480 alert_fires "http://127.0.0.1:$((base + 90))" "$alert" false ||
      { tail -n 20 ./*.log; echo "FAILED: $alert does not end"; return 1; }
    echo "$alert is over after $((SECONDS - begin)) s"
  done
}

# Pages with the same commands are played together.
declare -A alerts ends
for page in docs/runbooks/*.md; do
  page="$(basename "$page" .md)"
  [ "$page" != README ] || continue
  block="$(commands "$page" 1)"
  [ -n "$block" ] || { echo "$page has nothing to try"; exit 1; }
  case "$(commands "$page" 2) $(commands "$page" 3)" in *docker*) continue ;; esac
  alerts[$block]+=" $(alert "$page")"
  ends[$block]="$(commands "$page" 2)"
done
base="${BASE_PORT:-23000}"
pids=()
for block in "${!alerts[@]}"; do
  # shellcheck disable=SC2086 # A list of words.
  (play "$base" "$block" "${ends[$block]}" ${alerts[$block]}) &
  pids+=($!)
  base=$((base + 100))
done
((${#pids[@]} > 0)) || { echo "no runbook has anything to try"; exit 1; }
failed=0
for pid in "${pids[@]}"; do
  wait "$pid" || failed=1
done
exit "$failed"
