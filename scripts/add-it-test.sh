#!/usr/bin/env bash
# Plays docs/add-it.md in an empty folder, with the crates as they would be published: each block that
# begins with a comment `# FILE` or `// FILE` is written to that file, each line with `$` is run, and the
# trace and the panel are looked for. Needs python3, curl and jq, and the ports of the page.
set -euo pipefail
cd "$(dirname "$0")/.."

root="$PWD"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
crates=(grpc-wire listener prom-text tonic-telemetry tonic-telemetry-sqlx tonic-resilience tonic-stack)
work="$(mktemp -d)"
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap cleanup EXIT

# The packages, each with all that it needs, at the place that the page gives to the repository.
cargo package --quiet --locked --no-verify --allow-dirty "${crates[@]/#/--package=}"
mkdir -p "$work/tracewalk/crates" "$work/shop" "$work/.cargo"
echo '[patch.crates-io]' >"$work/.cargo/config.toml"
for crate in "${crates[@]}"; do
  version="$(cargo metadata --format-version=1 --no-deps | jq -r ".packages[] | select(.name == \"$crate\").version")"
  tar --extract --file "$CARGO_TARGET_DIR/package/$crate-$version.crate" --directory "$work"
  mv "$work/$crate-$version" "$work/tracewalk/crates/$crate"
  echo "$crate = { path = \"$work/tracewalk/crates/$crate\" }" >>"$work/.cargo/config.toml"
done
# The versions that were built already.
cp Cargo.lock "$work/shop"

# `tracewalk` and the examples, as the tests have built them: other features would be another build.
cargo test --quiet --locked --workspace --features external --no-run
# Kubernetes and Docker send SIGTERM: the examples drain, write their ledger, and end well.
for example in your_service both_stacks; do
  OTEL_TRACES_EXPORTER=none "$CARGO_TARGET_DIR/debug/examples/$example" >"$work/$example.log" &
  timeout 10 bash -c "until grep -q 'asked myself' '$work/$example.log'; do sleep 0.1; done"
  kill -TERM $!
  wait $! || { echo "$example ended with $? at SIGTERM" >&2; exit 1; }
  grep -q 'span ledger' "$work/$example.log" || { echo "$example has written no ledger" >&2; exit 1; }
done

export PATH="$CARGO_TARGET_DIR/debug:$PATH"
python3 - docs/add-it.md "$work/shop" >"$work/commands" <<'PYTHON'
import pathlib, re, sys

page, shop = pathlib.Path(sys.argv[1]).read_text(), pathlib.Path(sys.argv[2])
for kind, block in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
    if kind == "console":
        print("\n".join(line[2:] for line in block.splitlines() if line.startswith("$ ")))
    elif name := re.match(r"(?:#|//) (\S+)\n", block):
        path = shop / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block)
PYTHON

cd "$work/shop"
until_true() { # WHAT COMMAND…
  local what="$1" deadline=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || { echo "never: $what" >&2; cat "$work"/*.log >&2; return 1; }
    sleep 0.2
  done
}
has() { # FILTER URL: whether the answer is as the filter says.
  curl --fail --silent "$2" | jq --exit-status "$1"
}
cargo build --quiet --bins
# With `tonic-resilience` and `prom-text`, the packages that the page does not use.
for crate in tonic-stack prom-text; do
  (cd "$work/tracewalk/crates/$crate" && cargo build --quiet --all-features)
done
# Without a driver: the C of SQLite is built often enough.
(cd "$work/tracewalk/crates/tonic-telemetry-sqlx" && cargo build --quiet)
while read -r command; do
  echo "\$ $command"
  case "$command" in
    *" view "* | "cargo run") # They run until they are stopped.
      $command >"$work/${#pids[@]}.log" 2>&1 &
      pids+=($!)
      ;;
    *) until_true "the service is ready" curl --silent --fail http://127.0.0.1:9464/readyz
      $command ;;
  esac
done <"$work/commands"

jaeger=http://127.0.0.1:16686/api prometheus=http://127.0.0.1:3000/api/v1
until_true "a trace of both services, with the spawned work" has \
  '.data[] | select([.processes[].serviceName] | contains(["buyer", "shop"]))
    | .spans | map(.operationName) | contains(["pack", "shop.v1.ShopService/Order"])' \
  "$jaeger/traces?service=shop"
until_true "the calls are on the panel" has '.data.result | length == 2' \
  "$prometheus/query?query=sum%20by%20(code)(grpc_rpc_duration_seconds_count%7Bservice_name=%22shop%22%7D)%3E0"
kill -TERM "${pids[1]}"
wait "${pids[1]}" || { echo "the service ended with $? at SIGTERM" >&2; exit 1; }
grep -q 'span ledger' "$work/1.log" || { echo "the service has written no ledger" >&2; exit 1; }
echo "docs/add-it.md holds"
