#!/usr/bin/env bash
# The image and docker-compose.yml on a real Docker engine: starts, answers, scales, and heals when
# containers die; what the runbooks say to try makes their alerts fire and end. What cannot be pulled is
# replaced as scripts/compose.ci.yml says. Needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/runbook.sh

started=(gateway user profile load postgres jaeger prometheus) # All but grafana and loki.
export COMPOSE_PROJECT_NAME=tracewalk-test COMPOSE_FILE=docker-compose.yml:scripts/compose.ci.yml
logs="$(mktemp -d)"
prometheus=http://127.0.0.1:9090
jaeger=http://127.0.0.1:16686
CI_BACKENDS="$(scripts/real-backends.sh)"
export CI_BACKENDS CI_JAEGER="$logs/jaeger"
cp -r jaeger "$CI_JAEGER"
sed -i -f scripts/jaeger-2.13.sed "$CI_JAEGER/config.yml"
chmod -R a+rX "$logs"

step() { printf -- '--- %s (%s s)\n' "$*" "$SECONDS"; }
fail() {
  echo "FAILED: $*" >&2
  docker compose logs --tail 20 >&2 || true
  exit 1
}
# The program as the runbooks have it, with Docker alone.
tracewalk() { docker compose run --rm --no-deps load "$@"; }

daemon= runbooks=
clean_up() {
  [ -z "$runbooks" ] || kill "$runbooks" 2>/dev/null || true
  docker compose --profile etcd down --volumes --timeout 15 >/dev/null 2>&1 || true
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

step "runbooks without Docker begin; they wait more than they do"
scripts/runbooks-test.sh >"$logs/runbooks" 2>&1 &
runbooks=$!

step "base images; Docker Compose"
scripts/ci-images.sh
# A current Compose and its builder, beside the packages of this machine.
DOCKER_CONFIG="$(scripts/ci-compose.sh "$logs")"
export DOCKER_CONFIG
docker compose version
docker buildx version

step "the image: one build, one image, whatever the number of services"
docker image rm --force tracewalk:0.1.0 >/dev/null 2>&1 || true
nameless() { docker images --quiet --filter dangling=true | sort; }
before="$(nameless)"
docker compose build >"$logs/build" 2>&1 || { tail -n 50 "$logs/build"; exit 1; }
exports="$(grep -c 'naming to .*tracewalk:0.1.0' "$logs/build")"
[ "$exports" = 1 ] || fail "the image is exported $exports times"
[ "$(nameless)" = "$before" ] || fail "images without a name are left"
bytes="$(docker image inspect --format '{{.Size}}' tracewalk:0.1.0)"
echo "$((bytes / 1000000)) MB"
((bytes < 40000000)) || fail "the image has $bytes bytes, more than 40 MB"
[ "$(docker image inspect --format '{{.Config.User}}' tracewalk:0.1.0)" = 65532:65532 ] || fail "the image runs as root"

total="$(docker compose config --format json | jq '[.services[] | (.mem_limit | tonumber) * (.scale // 1)] | add / 1048576')"
echo "memory limits: $total MiB in all"
((total > 0 && total <= 1536)) || fail "the containers may use $total MiB, more than 1.5 GiB"
unchecked="$(docker compose config --format json | jq -r '.services | to_entries[] | select(.value.healthcheck == null) | .key')"
[ -z "$unchecked" ] || fail "no health check: $unchecked"

healthy() {
  local ids
  ids="$(docker compose ps -q "$@")"
  [ -n "$ids" ] && ! docker inspect --format '{{.State.Health.Status}}' $ids | grep -qv '^healthy$'
}
metric() { curl -fsS --get --data-urlencode "query=$1" "$prometheus/api/v1/query"; }
value_is() { [ "$(metric "$1" | jq -r '.data.result[0].value[1]')" = "$2" ]; }
call() { curl -fsS --max-time 5 --dump-header "$logs/headers" http://127.0.0.1:8080/v1/users/1; }
call_with_fault() {
  curl -sS --header 'baggage: tracewalk.fault=user:error=DATA_LOSS' http://127.0.0.1:8080/v1/users/1 |
    jq -e '.error.code == "DATA_LOSS"'
}
trace_is_whole() {
  local id
  id="$(sed -n 's/^x-trace-id: \([0-9a-f]*\).*/\1/Ip' "$logs/headers")"
  curl -fsS "$jaeger/api/traces/$id" |
    jq -e '[.data[0].processes[].serviceName] | unique == ["gateway", "profile", "user"]'
}

graph_is_whole() {
  curl -fsS "$jaeger/api/dependencies?endTs=$(date +%s)000&lookback=300000" |
    jq -e '[.data[] | "\(.parent) \(.child)"] | contains(["gateway user", "user profile"])'
}
monitor_is_whole() {
  local metric query="endTs=$(date +%s)000&lookback=300000&quantile=0.95&step=5000&ratePer=60000"
  for metric in calls errors latencies; do
    curl -fsS "$jaeger/api/metrics/$metric?service=gateway&service=user&service=profile&$query" |
      jq -e '[.metrics[].labels[] | select(.name == "service_name").value] | unique == ["gateway", "profile", "user"]' || return 1
  done
}

step "up"
begin=$SECONDS
docker compose up --wait --wait-timeout 90 --no-build "${started[@]}" 2>"$logs/up" || { cat "$logs/up"; fail "compose up --wait"; }
echo "all healthy after $((SECONDS - begin)) s"

step "one call, one trace of three services"
until_true 30 call || fail "the gateway does not answer"
until_true 20 trace_is_whole || fail "the trace of $(cat "$logs/headers") is not whole"

step "a fault on demand: the call that asks for it fails, the next does not"
until_true 30 call_with_fault || fail "the user service takes no faults"
until_true 10 call || fail "a fault lasts longer than its call"

# A series begins with a zero, so that a rate sees the first call with a new code.
step "the first DATA_LOSS is on the panels within two scrapes"
until_true 10 value_is 'sum(rate(grpc_rpc_duration_seconds_count{service_name="user", code="DATA_LOSS"}[1m])) > bool 0' 1 ||
  fail "no rate of the first DATA_LOSS"

step "the service graph and the Monitor tab have three services"
until_true 30 graph_is_whole || fail "the graph: $(curl -sS "$jaeger/api/dependencies?endTs=$(date +%s)000")"
until_true 30 monitor_is_whole || fail "the Monitor tab has no calls, errors or latencies of some service"

step "every panel, rule and exemplar"
scripts/check-panels.py --wait 90 || fail "panels without data"

without=(--without grafana,loki --wait 60s)
step "tracewalk check, from the image"
docker compose run --rm check "${without[@]}" || fail "tracewalk check, in the network of the containers"
step "tracewalk check, from this machine"
"${CARGO_TARGET_DIR:-target}/debug/tracewalk" check "${without[@]}" || fail "tracewalk check, from outside"

step "every scenario that needs no launcher"
docker compose run --rm scenario run --all >"$logs/scenarios" 2>&1 || { cat "$logs/scenarios"; fail "a scenario"; }
tail -n 1 "$logs/scenarios"

step "200 calls a second: each service stays under 30 MiB"
tracewalk load --rps 200 --duration 20s 2>/dev/null
sleep 5 # One more scrape.
metric 'max by (service_name) (max_over_time(process_resident_memory_bytes{job="grpc-services"}[1m])) / 1048576' |
  jq -r '.data.result[] | "\(.metric.service_name) \(.value[1] | tonumber | floor) MiB"'
value_is 'count(max_over_time(process_resident_memory_bytes{job="grpc-services"}[1m]) > 30 * 1048576) or vector(0)' 0 ||
  fail "a service needs more than 30 MiB"

step "three replicas of profile"
docker compose up --detach --no-build --scale profile=3 "${started[@]}" 2>/dev/null
until_true 60 value_is 'sum(up{service_name="profile"})' 3 || fail "Prometheus does not see three replicas"
docker compose run --rm check --help >/dev/null 2>&1 || fail "no check"
[ "$(docker compose ps -q profile | wc -l)" = 3 ] || fail "the check takes a replica away"

# A crash, not a `docker kill`: after that one the engine restarts nothing.
for container in $(docker compose ps -q); do
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
  docker compose restart --timeout 15 "$service" 2>/dev/null
  until_true 60 healthy "${started[@]}" || fail "the stack does not heal from the restart of $service"
  until_true 30 call || fail "no call goes through after the restart of $service"
done

# An alert that fires for what was done before would be none of what is tried.
settled() {
  for alert in TargetDown SpansLost; do
    until_true 120 alert_fires "$prometheus" "$alert" false || fail "$alert fires although all is well"
  done
}
# try_it PAGE BLOCK: what the runbook says to try with Docker, in that block, makes its alert fire, and what
# it says in the next makes it end.
try_it() {
  local begin=$SECONDS name
  name="$(alert "$1")"
  step "try it: $1"
  commands "$1" "$2"
  eval "$(commands "$1" "$2")" >"$logs/try" 2>&1 &
  until_true 180 alert_fires "$prometheus" "$name" true || { cat "$logs/try"; fail "$name does not fire"; }
  echo "$name fires after $((SECONDS - begin)) s"
  wait $! || { cat "$logs/try"; fail "the commands of $1"; }
  begin=$SECONDS
  commands "$1" $(($2 + 1))
  eval "$(commands "$1" $(($2 + 1)))" >"$logs/try" 2>&1 || { cat "$logs/try"; fail "the commands of $1"; }
  until_true 240 alert_fires "$prometheus" "$name" false || fail "$name still fires"
  echo "$name is over after $((SECONDS - begin)) s"
}
settled
try_it target-down 3
step "without jaeger, but not for long: no span is lost on the way to it"
docker compose stop --timeout 15 jaeger 2>/dev/null
try_it scrape-slow 3
docker compose start jaeger 2>/dev/null
waiting='sum(otel_sdk_processor_span_queue_size{service_name=~"gateway|user"})'
until_true 60 value_is "$waiting < bool 100" 1 || fail "the queues do not drain"
value_is "sum({__name__=~\"otel_sdk_(exporter_span_exported|processor_span_processed)_total\", error_type!=\"\", service_name=~\"gateway|user\"})" 0 ||
  fail "spans were lost while Jaeger was away"
settled
try_it spans-lost 2

step "stop: every service drains and exits with 0"
docker compose stop --timeout 15 gateway user profile 2>/dev/null
for container in $(docker compose ps --all -q gateway user profile); do
  code="$(docker inspect --format '{{.State.ExitCode}}' "$container")"
  [ "$code" = 0 ] || fail "$(docker inspect --format '{{.Name}}' "$container") exits with $code"
done
step "with the profile etcd the services find each other in a registry"
export TRACEWALK_REGISTER=etcd:/// TRACEWALK_USER=etcd:///user TRACEWALK_PROFILE=etcd:///profile
docker compose --profile etcd up --wait --wait-timeout 60 --no-build etcd gateway user profile 2>"$logs/up" ||
  { cat "$logs/up"; fail "compose up with etcd"; }
until_true 30 call || fail "no call goes through the registry"
registered() { docker compose --profile etcd exec --no-TTY etcd etcdctl get --prefix --keys-only "$1/" | grep --count .; }
[ "$(registered profile)" = 2 ] || fail "$(registered profile) of two replicas of profile are registered"
[ "$(registered user)" = 1 ] || fail "user is not registered"
unset TRACEWALK_REGISTER TRACEWALK_USER TRACEWALK_PROFILE

step "runbooks without Docker"
wait "$runbooks" || { cat "$logs/runbooks"; runbooks=; fail "a runbook"; }
cat "$logs/runbooks"
runbooks=
step "the stack starts, answers, scales and heals"
