#!/usr/bin/env bash
# The stack on the cluster that kubectl talks to, as docs/kubernetes.md starts it: a whole trace within two
# minutes, pods that are deleted under load at no call's cost, and what a ClusterIP does to the shares of three
# replicas. The image tracewalk:0.1.0 must be on the nodes. Needs kubectl and jq.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/runbook.sh

api=/api/v1/namespaces/tracewalk
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
step() { printf -- '--- %s (%s s)\n' "$*" "$SECONDS"; }
fail() {
  echo "FAILED: $*" >&2
  kubectl --namespace tracewalk get pods --output wide >&2
  exit 1
}
# The program within the cluster.
tracewalk() { kubectl --namespace tracewalk exec --quiet deployment/load -- tracewalk "$@"; }
apply() {
  kubectl apply --kustomize "kubernetes/overlays/$1" >"$work/apply"
  kubectl --namespace tracewalk rollout status deployment/user --timeout 120s >"$work/rollout" ||
    fail "user is not replaced: $(cat "$work/rollout")"
}
pods() { kubectl --namespace tracewalk get pods --selector "app.kubernetes.io/name=$1" --output name; }
# calls POD: the GetProfile calls that it has answered.
calls() {
  kubectl get --raw "$api/pods/${1#pod/}:9103/proxy/metrics" |
    awk '/^grpc_rpc_duration_seconds_count.*"GetProfile"/ { sum += $NF } END { print sum + 0 }'
}
# load SECONDS: calls in the cluster; fails where one of them does.
load() {
  tracewalk load --gateway gateway:50051 --rps 30 --duration "$1s" --mix get=100 --json >"$work/load" 2>"$work/errors" ||
    fail "load: $(cat "$work/errors")"
  jq --exit-status '.codes | keys == ["OK"]' "$work/load" >/dev/null || fail "not every call is OK: $(cat "$work/load")"
}
# shares: the calls that each replica of profile gets while they are made, in ascending order.
shares() {
  local pod
  declare -A before=()
  for pod in $(pods profile); do before[$pod]="$(calls "$pod")"; done
  load 30
  for pod in "${!before[@]}"; do echo $(($(calls "$pod") - before[$pod])); done | sort --numeric-sort | xargs
}

trace_is_whole() {
  local id
  id="$(tracewalk call get 1 --gateway gateway:50051 --json | jq --raw-output .trace_id)"
  sleep 2 # A batch's time on its way.
  kubectl get --raw "$api/services/jaeger:16686/proxy/api/traces/$id" |
    jq --exit-status '[.data[0].processes[].serviceName] | unique == ["gateway", "profile", "user"]'
}

step "apply"
kubectl apply --kustomize kubernetes/overlays/kind >"$work/apply"
until_true 120 trace_is_whole || fail "no whole trace within two minutes"
step "a whole trace of three services"

step "a headless Service: each of three replicas is called"
read -r least middle most <<<"$(shares)"
echo "calls of each replica: $least $middle $most"
((least * 10 >= most * 9)) || fail "the shares differ by more than a tenth"

step "two pods of profile and one of user are deleted while they are called"
load 45 &
for service in profile user profile; do
  sleep 10
  kubectl --namespace tracewalk delete --wait=false "$(pods "$service" | head -n 1)"
done
wait $!
jq --compact-output .codes "$work/load"

step "a ClusterIP: a replica without a connection is not called"
apply clusterip
read -r least middle most <<<"$(shares)"
echo "calls of each replica: $least $middle $most"
((least == 0 && most > 0)) || fail "each replica is called"

apply kind
step "done"
