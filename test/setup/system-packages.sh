#!/usr/bin/env bash
# Installs the Debian packages that the tests use, or says which ones are missing. Nothing is skipped in silence.
set -euo pipefail

# Where daemons are, which not every user looks into.
PATH=$PATH:/usr/sbin:/sbin
declare -A package_of=([promtool]=prometheus [prometheus]=prometheus [amtool]=prometheus-alertmanager [jsonnet]=jsonnet [jq]=jq [curl]=curl [unshare]=util-linux [setpriv]=util-linux [openssl]=openssl)
# For what is drawn on a terminal.
package_of+=([tmux]=tmux)
# For the reporting clients in C and Python.
package_of+=([gcc]="gcc libc6-dev" [python3]=python3)
# For what only a later Debian has, in containers.
package_of+=([debootstrap]=debootstrap)
package_of+=([go]=golang-go)
# For the Debian package, its manual pages, completion and units.
package_of+=([dpkg-deb]=dpkg [strip]=binutils [lintian]=lintian [man]=man-db [zsh]=zsh [fish]=fish [shellcheck]=shellcheck)
# The tests start an engine where none runs.
if [ -z "${DOCKER_HOST:-}" ] && [ ! -S /var/run/docker.sock ]; then
  package_of[dockerd]=docker.io
fi
# As a plugin of docker, or as the program of before.
docker compose version >/dev/null 2>&1 || package_of+=([docker-compose]=docker-compose)
declare -A services_of=([prometheus]=prometheus [prometheus-alertmanager]=prometheus-alertmanager [docker.io]="docker.socket docker.service containerd.service")

missing=()
for command in "${!package_of[@]}"; do
  # Not quoted: a command may need several packages.
  command -v "$command" >/dev/null || missing+=(${package_of[$command]})
done
# For rendering the chart of Kubernetes: sources, no command.
[ -d /usr/share/gocode/src/github.com/Masterminds/sprig ] || missing+=(golang-github-masterminds-sprig-dev)
[ -d /usr/share/gocode/src/sigs.k8s.io/yaml ] || missing+=(golang-k8s-sigs-yaml-dev)
[ ${#missing[@]} -eq 0 ] && exit 0

mapfile -t packages < <(printf '%s\n' "${missing[@]}" | sort -u)
install="apt-get update && apt-get install -y --no-install-recommends ${packages[*]}"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "The tests need programs that are not installed. As root: $install" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
# Debian starts the servers that it installs; the tests run their own. Those that were there before are left alone.
for package in "${packages[@]}"; do
  for service in ${services_of[$package]:-}; do
    systemctl disable --now "$service" >/dev/null 2>&1 || true
  done
done
