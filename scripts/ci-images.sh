#!/usr/bin/env bash
# Makes the base image that scripts/compose-test.sh needs, where none can be pulled: a Debian with
# this machine's Rust under the name in the Dockerfile, and as `tracewalk-ci` with Debian's
# PostgreSQL, and what the health check of Jaeger asks with.
set -euo pipefail

rust_image="$(sed -n 's/^FROM \(rust:[^ ]*\) AS rust$/\1/p' "$(dirname "$0")/../Dockerfile")"
debian="${rust_image##*-}"
# Debian's packages come from where this machine gets them.
mirror="$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)"

# What is there from the same recipe stays.
recipe="$(sha256sum <"$0" | cut -d ' ' -f 1)"
has() { docker image inspect --format '{{.Config.Labels.recipe}}' "$1" 2>/dev/null; }
if [ "$(has tracewalk-ci)" = "$recipe" ] && has "$rust_image" >/dev/null; then
  exit
fi

root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT
packages=ca-certificates,gcc,libc6-dev,postgresql,wget
debootstrap --variant=minbase --include="$packages" "$debian" "$root" "$mirror" >/dev/null
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/postgresql/*
# As in the official images: who runs them may write here.
install --directory --owner 65534 --group 65534 "$root/prometheus"
chmod 3777 "$root/run/postgresql"

# The certificates that this machine trusts, so that its way to the crate registry works inside too.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
mkdir -p "$root/opt/rust"
cp -a "$(rustc --print sysroot)"/{bin,lib} "$root/opt/rust/"

# What the official image does at its first start: a database of the user's name, with a password.
cat >"$root/usr/local/bin/postgres-ci" <<'SCRIPT'
#!/bin/sh
set -eu
PATH="$(echo /usr/lib/postgresql/*/bin):$PATH"
data=/var/lib/postgresql/ci
if [ ! -e "$data/done" ]; then
  rm -rf "$data"
  echo "$POSTGRES_PASSWORD" >/tmp/password
  initdb --pgdata "$data" --username "$POSTGRES_USER" --pwfile /tmp/password \
    --auth-host scram-sha-256 --auth-local trust --no-sync >/dev/null
  echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
  echo "CREATE DATABASE $POSTGRES_USER" | postgres --single -D "$data" postgres >/dev/null
  touch "$data/done"
fi
exec postgres -D "$data" -c listen_addresses='*' "$@"
SCRIPT
chmod +x "$root/usr/local/bin/postgres-ci"

tar -C "$root" -c . | docker import --change "LABEL recipe=$recipe" \
  --change 'ENV PATH=/opt/rust/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - tracewalk-ci
docker tag tracewalk-ci "$rust_image"
