# What the tests of the runbooks share; to be sourced.

# until_true SECONDS COMMAND…: tries every second until it succeeds.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 1
  done
}

# commands PAGE NUMBER: the commands in that block of the section "Try it".
commands() {
  awk -v wanted="$2" '
    /^## / { inside = ($0 == "## Try it") }
    inside && /^```console/ { block++ }
    inside && block == wanted && sub(/^\$ /, "")' "docs/runbooks/$1.md"
}

# alert PAGE: its alert; the first, where it has two.
alert() { sed -n '1s/^# \([A-Za-z]*\).*/\1/p' "docs/runbooks/$1.md"; }

# alert_fires PROMETHEUS NAME true|false: whether it does so for any service, or none; Jaeger is no service.
# Not by the metric ALERTS: after a restart of Prometheus its last value stays for five minutes.
alert_fires() {
  curl -fsS "$1/api/v1/alerts" | jq -e --arg name "$2" --argjson wanted "$3" \
    'any(.data.alerts[]; .state == "firing" and .labels.alertname == $name and
      (.labels.job // "grpc-services") == "grpc-services") == $wanted'
}
