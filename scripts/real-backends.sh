#!/usr/bin/env bash
# Builds the real Prometheus and Jaeger from their Go modules for the tests that need them, each once:
# what is there in the right version stays. Prints the folder.
# Usage: scripts/real-backends.sh [prometheus] [jaeger]
set -euo pipefail

# Modules, what to build of them, and the tags that leave out what no test needs.
prometheus_module=github.com/prometheus/prometheus@v0.316.0 # Prometheus 3.16
prometheus_programs="prometheus promtool"
prometheus_tags=remove_all_sd,enable_dns_sd
jaeger_module=github.com/jaegertracing/jaeger@v1.76.0 # Jaeger 2.13
jaeger_programs=jaeger
jaeger_tags=

folder="${TRACEWALK_REAL_BACKENDS:-${XDG_CACHE_HOME:-$HOME/.cache}/tracewalk/real-backends}"

work=
trap 'rm -rf "$work"' EXIT
build() {
  local name="$1" module="$1_module" programs="$1_programs" tags="$1_tags" program
  module="${!module}" programs="${!programs}" tags="${!tags}"
  local wanted="$module $programs $tags"
  if [[ "$(cat "$folder/$name.version" 2>/dev/null)" == "$wanted" ]]; then
    return
  fi
  if ! command -v go >/dev/null; then
    echo "Go 1.26 or newer is needed to build $module: https://go.dev/dl" >&2
    exit 1
  fi
  echo "building $module: some minutes, and some gigabytes in ${TMPDIR:-/tmp} meanwhile" >&2
  work="$(mktemp -d)"
  (
    cd "$work"
    # Gigabytes that nobody needs afterwards.
    export GOMODCACHE="$work/modules" GOCACHE="$work/cache" GOFLAGS="-modcacherw ${GOFLAGS:-}"
    go mod init tracewalk/real-backends
    for program in $programs; do
      go get -tool "${module%@*}/cmd/$program@${module#*@}"
      go build -tags "$tags" -ldflags "-s -w" -o "$program" "${module%@*}/cmd/$program"
    done
    for program in $programs; do
      mv "$program" "$folder/"
    done
  )
  rm -rf "$work"
  echo "$wanted" >"$folder/$name.version"
}

mkdir -p "$folder"
(($#)) || set -- prometheus jaeger
for name in "$@"; do
  [[ "$name" == prometheus || "$name" == jaeger ]] || { echo "not a backend: $name" >&2; exit 2; }
  build "$name"
done
echo "$folder"
