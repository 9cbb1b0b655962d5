#!/usr/bin/env bash
# Builds the real Prometheus, Jaeger, etcd and API server of Kubernetes from their Go modules, and copies the
# real Kafka from its Maven artifacts, for the tests that need them, each once: what is there in the right
# version stays. Prints the folder.
# Usage: scripts/real-backends.sh [prometheus] [jaeger] [etcd] [kafka] [kubernetes]; by default all but the last
set -euo pipefail

# Modules, what to build of them, and the tags that leave out what no test needs.
prometheus_module=github.com/prometheus/prometheus@v0.316.0 # Prometheus 3.16
prometheus_programs="prometheus promtool"
prometheus_tags=remove_all_sd,enable_dns_sd
jaeger_module=github.com/jaegertracing/jaeger@v1.76.0 # Jaeger 2.13
jaeger_programs=jaeger
jaeger_tags=
etcd_module=go.etcd.io/etcd@v3.7.3
etcd_programs="etcd etcdctl naming"
etcd_tags=
kubernetes_module=k8s.io/kubernetes@v1.34.4
kubernetes_programs="kube-apiserver kubectl"
kubernetes_tags=

# Where the program $2 of the module $1 is.
package() {
  case "$1/$2" in
    go.etcd.io/etcd/etcd) echo go.etcd.io/etcd/server/v3 ;;
    go.etcd.io/etcd/etcdctl) echo go.etcd.io/etcd/etcdctl/v3 ;;
    go.etcd.io/etcd/naming) echo ./naming ;; # Ours: scripts/naming.
    *) echo "$1/cmd/$2" ;;
  esac
}
# The broker, and its command line tools without what no test runs: Connect.
kafka_version=4.3.1

folder="${TRACEWALK_REAL_BACKENDS:-${XDG_CACHE_HOME:-$HOME/.cache}/tracewalk/real-backends}"

# The parts of Kubernetes are folders in its own go.mod, and modules of the same minor version elsewhere.
require_parts() {
  local file part
  file="$(go mod download -json "$1" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')"
  for part in $(sed -n 's#^\t\(k8s.io/[a-z-]*\) v0\.0\.0$#\1#p' "$file" | grep -v /sample-); do
    go mod edit -require "$part@v0${1#*@v1}"
  done
}

# is_there NAME WANTED: whether the folder has it as it is wanted.
is_there() { [[ "$(cat "$folder/$1.version" 2>/dev/null)" == "$2" ]]; }
# need PROGRAM MESSAGE: ends with the message where the program is missing.
need() {
  command -v "$1" >/dev/null || {
    echo "$2" >&2
    exit 1
  }
}

work=
trap 'rm -rf "$work"' EXIT
build() {
  local name="$1" module="$1_module" programs="$1_programs" tags="$1_tags" program
  module="${!module}" programs="${!programs}" tags="${!tags}"
  local wanted="$module $programs $tags" ours=
  if [[ "$name" == etcd ]]; then
    ours="$(dirname "$0")/naming"
    wanted+=" $(sha256sum <"$ours/main.go")"
  fi
  ! is_there "$name" "$wanted" || return 0
  need go "Go 1.26 or newer is needed to build $module: https://go.dev/dl"
  echo "building $module: some minutes, and some gigabytes in ${TMPDIR:-/tmp} meanwhile" >&2
  work="${work:-$(mktemp -d)}"
  mkdir "$work/$name"
  [[ -z "$ours" ]] || cp -r "$ours" "$work/$name/"
  (
    cd "$work/$name"
    # Gigabytes that nobody needs afterwards; the programs share many packages.
    export GOMODCACHE="$work/$name/modules" GOCACHE="$work/cache" GOFLAGS="-modcacherw ${GOFLAGS:-}"
    go mod init tracewalk/real-backends
    [[ "$name" != kubernetes ]] || require_parts "$module"
    local package
    for program in $programs; do
      package="$(package "${module%@*}" "$program")"
      [[ "$package" == ./* ]] || go get -tool "$package@${module#*@}"
      go build -tags "$tags" -ldflags "-s -w" -o "built/$program" "$package"
    done
    mv built/* "$folder/"
  )
  rm -rf "${work:?}/$name"
  echo "$wanted" >"$folder/$name.version"
}

# The jars of Kafka's broker and tools, in a folder; `java` runs them.
copy_kafka() {
  local wanted="kafka $kafka_version"
  ! is_there kafka "$wanted" || return 0
  need mvn "Maven is needed to copy $wanted, and Java to run it: https://maven.apache.org"
  echo "copying $wanted: a minute, and 50 MB" >&2
  work="${work:-$(mktemp -d)}"
  cat >"$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tracewalk</groupId>
  <artifactId>real-backends</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$kafka_version</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>$kafka_version</version>
    </dependency>
  </dependencies>
</project>
POM
  mvn --quiet --batch-mode --file "$work/pom.xml" -Dmaven.repo.local="$work/repository" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$work/kafka"
  rm -rf "$folder/kafka"
  mv "$work/kafka" "$folder/kafka"
  echo "$wanted" >"$folder/kafka.version"
}

mkdir -p "$folder"
(($#)) || set -- prometheus jaeger etcd kafka
for name in "$@"; do
  case "$name" in
    prometheus | jaeger | etcd | kubernetes) build "$name" ;;
    kafka) copy_kafka ;;
    *) echo "not a backend: $name" >&2; exit 2 ;;
  esac
done
echo "$folder"
