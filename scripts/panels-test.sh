#!/usr/bin/env bash
# Starts the stack without Docker and a real Prometheus 3 on free ports, then asks both, the real one and
# that of the stack, what every panel and every rule asks.
# Usage: scripts/panels-test.sh [path of the tracewalk binary]
set -euo pipefail
cd "$(dirname "$0")/.."

binary="${1:-${CARGO_TARGET_DIR:-target}/debug/tracewalk}"
base="${BASE_PORT:-21000}"
address() { echo "127.0.0.1:$((base + $1))"; }

prometheus="$(scripts/real-backends.sh prometheus)/prometheus"
work="$(mktemp -d)"
stop() {
  kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
pids=()
trap stop EXIT

"$binary" up --load 20 --json --data-dir "$work/data" \
  --gateway-listen "$(address 51)" --user-listen "$(address 52)" --profile-listen "$(address 53)" \
  --gateway-admin-listen "$(address 1)" --user-admin-listen "$(address 2)" \
  --profile-admin-listen "$(address 3)" --http-listen "$(address 80)" \
  --otlp-listen "$(address 17)" --otlp-http-listen "$(address 18)" --ui-listen "$(address 86)" \
  --prometheus-listen "$(address 91)" --dashboards-listen "$(address 30)" >"$work/up.log" 2>&1 &
pids+=($!)

# The same configuration, with the addresses of this machine in place of Docker's names.
cp -r prometheus/rules "$work/rules"
known() { echo "s/- {names: \[$1\].*/- {targets: [\"$(address "$2")\"], labels: {service_name: $1}}/"; }
sed -e "s/localhost:9090/$(address 90)/; s/dns_sd_configs:/static_configs:/; /relabel_configs:/,+1d" \
  -e "$(known gateway 1)" -e "$(known user 2)" -e "$(known profile 3)" \
  prometheus/prometheus.yml >"$work/prometheus.yml"
"$prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
  --web.listen-address="$(address 90)" --log.level=warn \
  --enable-feature=exemplar-storage,created-timestamp-zero-ingestion \
  >"$work/prometheus.log" 2>&1 &
pids+=($!)

for port in 90 91; do
  if ! scripts/check-panels.py --wait 120 --prometheus "http://$(address "$port")" \
    --jaeger "http://$(address 86)" --gateway "http://$(address 80)"; then
    tail -n 20 "$work/up.log" "$work/prometheus.log"
    exit 1
  fi
done
