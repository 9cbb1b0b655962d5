#!/usr/bin/env bash
# Makes a folder for DOCKER_CONFIG with a current Docker Compose and buildx, and prints its name: Debian
# testing's packages, unpacked and not installed, as this machine's Debian has older ones.
# Usage: scripts/ci-compose.sh FOLDER
set -euo pipefail

folder="$1/compose"
plugins="$folder/config/cli-plugins"
mkdir -p "$folder"/{lists/partial,archives/partial,packages} "$plugins"
mirror="$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror testing main" >"$folder/sources.list"
testing() {
  apt-get -qq -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder" \
    -o APT::Sandbox::User=root "$@" >&2
}
testing update
(cd "$folder/packages" && testing download docker-compose docker-buildx)
for package in "$folder"/packages/*.deb; do
  dpkg --extract "$package" "$folder/packages"
done
cp "$folder"/packages/usr/libexec/docker/cli-plugins/docker-{compose,buildx} "$plugins"
echo "$folder/config"
