#!/usr/bin/env bash
# kubernetes/ on a real API server: every object of every overlay is rendered as `kubectl apply -k` does it,
# accepted without a warning, and stored as it was written. No node is there, so no pod runs.
# Needs etcd and kube-apiserver of scripts/real-backends.sh, and kubectl.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/runbook.sh

PATH="$(scripts/real-backends.sh etcd kubernetes):$PATH"
work="$(mktemp -d)"
pids=()
stop() {
  kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT
fail() {
  echo "FAILED: $*" >&2
  tail -n 20 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}

# Every file that docker-compose.yml mounts as a folder is in a ConfigMap.
for folder in prometheus/rules grafana/dashboards grafana/provisioning/datasources grafana/provisioning/dashboards; do
  for file in "$folder"/*; do
    grep --quiet --fixed-strings "${file#*/}" "${file%%/*}/kustomization.yaml" ||
      fail "${file%%/*}/kustomization.yaml does not list ${file#*/}"
  done
done

port="${BASE_PORT:-23000}"
etcd --data-dir "$work/etcd" --listen-peer-urls "http://127.0.0.1:$((port + 2))" \
  --listen-client-urls "http://127.0.0.1:$((port + 1))" --advertise-client-urls "http://127.0.0.1:$((port + 1))" \
  --log-level error >"$work/etcd.log" 2>&1 &
pids+=($!)
openssl genrsa -out "$work/key" 2048 2>/dev/null
echo 'secret,admin,admin,system:masters' >"$work/tokens"
kube-apiserver --etcd-servers "http://127.0.0.1:$((port + 1))" --secure-port "$port" --bind-address 127.0.0.1 \
  --cert-dir "$work/certificates" --token-auth-file "$work/tokens" --authorization-mode RBAC \
  --service-account-issuer https://kubernetes --service-account-key-file "$work/key" \
  --service-account-signing-key-file "$work/key" --service-cluster-ip-range 10.96.0.0/16 \
  >"$work/kube-apiserver.log" 2>&1 &
pids+=($!)
api() {
  KUBECONFIG="$work/none" kubectl --server "https://127.0.0.1:$port" --insecure-skip-tls-verify --token secret "$@"
}
until_true 60 api get --raw /readyz || fail "the API server is not ready"
api get --raw /version | jq --raw-output '"Kubernetes " + .major + "." + .minor + " " + .gitVersion'

for overlay in kubernetes/overlays/*/; do
  # An unknown field is an error, and so is a pod that may do more than `restricted` allows.
  api apply --kustomize "$overlay" --validate=strict --warnings-as-errors >"$work/apply.log" 2>&1 || fail "$overlay"
  api diff --kustomize "$overlay" >"$work/diff.log" 2>&1 || fail "$overlay is stored otherwise than written"
  echo "$overlay: $(wc -l <"$work/apply.log") objects"
done

# The judge itself: it refuses what is wrong.
kubectl kustomize kubernetes/overlays/kind >"$work/good.yaml"
sed 's/readinessProbe:/readynessProbe:/' "$work/good.yaml" >"$work/unknown.yaml"
sed 's/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/' "$work/good.yaml" >"$work/rights.yaml"
for wrong in unknown rights; do
  ! cmp --quiet "$work/good.yaml" "$work/$wrong.yaml" || fail "$wrong.yaml is not wrong"
  ! api apply --filename "$work/$wrong.yaml" --dry-run=server --validate=strict --warnings-as-errors \
    >"$work/wrong.log" 2>&1 || fail "the API server takes $wrong.yaml"
done
echo "refused: an unknown field; a pod with more rights"
