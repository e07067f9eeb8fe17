#!/usr/bin/env bash
# Installs the Debian packages that the tests use, or says which ones are missing. Nothing is skipped in silence.
set -euo pipefail

declare -A package_of=([promtool]=prometheus [prometheus]=prometheus [unshare]=util-linux)

missing=()
for command in "${!package_of[@]}"; do
  command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
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
# Debian starts the servers that it installs; the tests run their own.
for service in prometheus prometheus-alertmanager; do
  systemctl disable --now "$service" >/dev/null 2>&1 || true
done
