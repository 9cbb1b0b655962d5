#!/usr/bin/env bash
# The image and docker-compose.yml on a real Docker engine: starts, answers, scales, and heals when
# containers die. What cannot be pulled is replaced as scripts/compose.ci.yml says. Needs root.
set -euo pipefail
cd "$(dirname "$0")/.."

started=(gateway user profile load postgres jaeger prometheus) # All but grafana and loki.
export COMPOSE_PROJECT_NAME=tracewalk-test
files=(-f docker-compose.yml -f scripts/compose.ci.yml)
logs="$(mktemp -d)"

step() { printf -- '--- %s (%s s)\n' "$*" "$SECONDS"; }
fail() {
  echo "FAILED: $*" >&2
  compose logs --tail 20 >&2 || true
  exit 1
}
# Docker Compose 2: this machine's, or the one in the image of scripts/ci-images.sh.
compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose "${files[@]}" "$@"
  else
    docker run --rm --env COMPOSE_PROJECT_NAME --workdir "$PWD" --volume "$PWD:$PWD:ro" \
      --volume /var/run/docker.sock:/var/run/docker.sock \
      tracewalk-ci docker compose "${files[@]}" "$@"
  fi
}
# until SECONDS COMMAND…: tries every second until it succeeds.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 1
  done
}

daemon=
clean_up() {
  compose down --volumes --timeout 15 >/dev/null 2>&1 || true
  [ -z "$daemon" ] || kill "$daemon"
  rm -rf "$logs"
}
trap clean_up EXIT

if ! docker info >/dev/null 2>&1; then
  step "a Docker engine"
  dockerd --data-root "${DOCKER_ROOT:-/var/lib/docker}" >"$logs/dockerd" 2>&1 &
  daemon=$!
  until_true 60 docker info || { tail "$logs/dockerd"; exit 1; }
fi

step "base images"
scripts/ci-images.sh
step "the image"
docker build --tag tracewalk:0.1.0 . >"$logs/build" 2>&1 || { tail -n 50 "$logs/build"; exit 1; }
bytes="$(docker image inspect --format '{{.Size}}' tracewalk:0.1.0)"
echo "$((bytes / 1000000)) MB"
((bytes < 40000000)) || fail "the image has $bytes bytes, more than 40 MB"
[ "$(docker image inspect --format '{{.Config.User}}' tracewalk:0.1.0)" = 65532:65532 ] || fail "the image runs as root"

total="$(compose config --format json | jq '[.services[] | (.mem_limit | tonumber) * (.scale // 1)] | add / 1048576')"
echo "memory limits: $total MiB in all"
((total > 0 && total <= 1536)) || fail "the containers may use $total MiB, more than 1.5 GiB"
unchecked="$(compose config --format json | jq -r '.services | to_entries[] | select(.value.healthcheck == null) | .key')"
[ -z "$unchecked" ] || fail "no health check: $unchecked"

healthy() {
  local ids
  ids="$(compose ps -q "$@")"
  [ -n "$ids" ] && ! docker inspect --format '{{.State.Health.Status}}' $ids | grep -qv '^healthy$'
}
metric() { curl -fsS --get --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query; }
value_is() { [ "$(metric "$1" | jq -r '.data.result[0].value[1]')" = "$2" ]; }
call() { curl -fsS --max-time 5 --dump-header "$logs/headers" http://127.0.0.1:8080/v1/users/1; }
trace_is_whole() {
  local id
  id="$(sed -n 's/^x-trace-id: \([0-9a-f]*\).*/\1/Ip' "$logs/headers")"
  curl -fsS "http://127.0.0.1:16686/api/traces/$id" |
    jq -e '[.data[0].processes[].serviceName] | unique == ["gateway", "profile", "user"]'
}

step "up"
begin=$SECONDS
compose up --wait --wait-timeout 90 --no-build "${started[@]}" 2>"$logs/up" || { cat "$logs/up"; fail "compose up --wait"; }
echo "all healthy after $((SECONDS - begin)) s"

step "one call, one trace of three services"
call >/dev/null || fail "the gateway does not answer"
until_true 20 trace_is_whole || fail "the trace of $(cat "$logs/headers") is not whole"

step "a fault on demand: the call that asks for it fails, the next does not"
curl -sS --header 'baggage: tracewalk.fault=user:error=DATA_LOSS' http://127.0.0.1:8080/v1/users/1 |
  jq -e '.error.code == "DATA_LOSS"' >/dev/null || fail "the user service takes no faults"
call >/dev/null || fail "a fault lasts longer than its call"

step "every panel, rule and exemplar"
scripts/check-panels.py --wait 90 || fail "panels without data"

step "200 calls a second: each service stays under 30 MiB"
compose run --rm load load --rps 200 --duration 20s --gateway http://gateway:50051 2>/dev/null
sleep 5 # One more scrape.
metric 'max by (service_name) (max_over_time(process_resident_memory_bytes{job="grpc-services"}[1m])) / 1048576' |
  jq -r '.data.result[] | "\(.metric.service_name) \(.value[1] | tonumber | floor) MiB"'
value_is 'count(max_over_time(process_resident_memory_bytes{job="grpc-services"}[1m]) > 30 * 1048576) or vector(0)' 0 ||
  fail "a service needs more than 30 MiB"

step "three replicas of profile"
compose up --detach --no-build --scale profile=3 "${started[@]}" 2>/dev/null
until_true 60 value_is 'sum(up{service_name="profile"})' 3 || fail "Prometheus does not see three replicas"

# A crash, not a `docker kill`: after that one the engine restarts nothing.
for container in $(compose ps -q); do
  name="$(docker inspect --format '{{.Name}}' "$container")"
  step "kill ${name#/}"
  kill -KILL "$(docker inspect --format '{{.State.Pid}}' "$container")"
  restarted() { [ "$(docker inspect --format '{{.RestartCount}}' "$container")" -ge 1 ]; }
  until_true 30 restarted || fail "$name is not restarted"
  until_true 60 healthy "${started[@]}" || fail "the stack does not heal from the death of $name"
  until_true 30 call || fail "no call goes through after the death of $name"
  until_true 30 trace_is_whole || fail "no whole trace after the death of $name"
done
for service in "${started[@]}"; do
  step "restart $service"
  compose restart --timeout 15 "$service" 2>/dev/null
  until_true 60 healthy "${started[@]}" || fail "the stack does not heal from the restart of $service"
  until_true 30 call || fail "no call goes through after the restart of $service"
done

# Not by the metric ALERTS: after a restart of Prometheus its last value stays for five minutes.
alert_fires() { # alert_fires NAME true|false
  curl -fsS http://127.0.0.1:9090/api/v1/alerts | jq -e --arg name "$1" --argjson wanted "$2" \
    'any(.data.alerts[]; .state == "firing" and .labels.alertname == $name and .labels.service_name) == $wanted'
}
alerts=(TargetDown HighErrorRatio)
for alert in "${alerts[@]}"; do
  until_true 120 alert_fires "$alert" false || fail "$alert fires although all is well"
done
step "without profile and jaeger: ${alerts[*]} fire"
compose stop --timeout 15 profile jaeger 2>/dev/null
for alert in "${alerts[@]}"; do
  until_true 180 alert_fires "$alert" true || fail "$alert does not fire"
  echo "$alert ($SECONDS s)"
done
step "with them: all are silent again, and no span was lost on the way to Jaeger"
compose start profile jaeger 2>/dev/null
for alert in "${alerts[@]}"; do
  until_true 180 alert_fires "$alert" false || fail "$alert still fires"
  echo "$alert ($SECONDS s)"
done
waiting='sum(otel_sdk_processor_span_queue_size{service_name=~"gateway|user"})'
until_true 60 value_is "$waiting < bool 100" 1 || fail "the queues do not drain"
value_is "sum({__name__=~\"otel_sdk_(exporter_span_exported|processor_span_processed)_total\", error_type!=\"\", service_name=~\"gateway|user\"})" 0 ||
  fail "spans were lost while Jaeger was away"

step "stop: every service drains and exits with 0"
compose stop --timeout 15 gateway user profile 2>/dev/null
for container in $(compose ps -q gateway user profile); do
  code="$(docker inspect --format '{{.State.ExitCode}}' "$container")"
  [ "$code" = 0 ] || fail "$(docker inspect --format '{{.Name}}' "$container") exits with $code"
done
step "the stack starts, answers, scales and heals"
