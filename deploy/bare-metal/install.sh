#!/bin/sh
# Installs tenstorrent-exporter on a host with systemd, or takes it away. Run it again to upgrade.
set -eu

usage() {
  cat <<'TEXT'
usage: install.sh PACKAGE          as root; PACKAGE is a .deb, or a .tgz as npm pack makes it
       install.sh --uninstall [--purge]

A .tgz needs Node.js 22.15 or later with npm, and for the allocation server's restarts a C compiler. It goes to
/opt/tenstorrent-exporter, with programs in /usr/local/bin and units in /etc/systemd/system.
--purge also removes the files in /etc/default.
TEXT
}

here=$(cd "$(dirname "$0")" && pwd)
opt=/opt/tenstorrent-exporter
bin=/usr/local/bin
units=/etc/systemd/system
native_drop_in=$units/tt-allocation-server.service.d/without-native-part.conf
running='tenstorrent-exporter-reader.service tenstorrent-exporter.service'
server='tt-allocation-server.socket tt-allocation-server.service'
defaults='tenstorrent-exporter tenstorrent-exporter-reader tt-allocation-server'

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

has_systemd() {
  [ -d /run/systemd/system ]
}

install_deb() {
  if command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --reinstall --allow-downgrades "$1"
  else
    dpkg --install "$1"
  fi
}

check_node() {
  node=$(command -v node) || fail 'there is no node: install Node.js 22.15 or later, or use the .deb, which brings its own'
  command -v npm >/dev/null || fail 'there is no npm: install it, or use the .deb'
  "$node" -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 15) ? 0 : 1);
  ' || fail "$node is $("$node" --version): 22.15 or later is needed, or use the .deb, which brings its own"
}

install_program() {
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$node" "$opt/node_modules/tenstorrent-exporter/dist/$2" >"$bin/$1.new"
  chmod 0755 "$bin/$1.new"
  mv -f "$bin/$1.new" "$bin/$1"
}

build_native() {
  rm -f "$native_drop_in"
  if PATH="$(dirname "$node"):$PATH" sh "$opt/node_modules/tenstorrent-exporter/native/build.sh"; then return; fi
  echo 'install.sh: without a C compiler the allocation server cannot keep connections over a restart' >&2
  mkdir -p "$(dirname "$native_drop_in")"
  # Without it nobody says that the server is ready.
  printf '[Service]\nType=exec\n' >"$native_drop_in"
}

install_units() {
  for unit in $running $server; do
    sed "s|^ExecStart=/usr/bin/|ExecStart=$bin/|" "$here/../systemd/$unit" >"$units/$unit"
  done
  mkdir -p /etc/sysusers.d /etc/tmpfiles.d /etc/default
  cp "$here/../systemd/sysusers.conf" /etc/sysusers.d/tenstorrent-exporter.conf
  cp "$here/../systemd/tmpfiles.conf" /etc/tmpfiles.d/tenstorrent-exporter.conf
  for name in $defaults; do
    [ -e "/etc/default/$name" ] || cp "$here/../debian/files/$name.default" "/etc/default/$name"
  done
  systemd-sysusers tenstorrent-exporter.conf
}

install_tarball() {
  check_node
  mkdir -p "$opt" "$bin"
  npm install --prefix "$opt" --omit=dev --no-audit --no-fund "$1"
  install_program tenstorrent-exporter cli.js
  install_program tt-allocation-server allocation-server/cli.js
  build_native
  install_units
  has_systemd || return 0
  systemctl daemon-reload
  # Not quoted: several units.
  # shellcheck disable=SC2086
  systemctl enable --quiet $running
  # shellcheck disable=SC2086
  systemctl restart $running
  systemctl try-restart tt-allocation-server.service
}

uninstall() {
  if command -v dpkg-query >/dev/null && dpkg-query --show tenstorrent-exporter >/dev/null 2>&1; then
    if [ "$1" = purge ]; then dpkg --purge tenstorrent-exporter; else dpkg --remove tenstorrent-exporter; fi
  fi
  if [ -e "$units/tenstorrent-exporter.service" ]; then
    # shellcheck disable=SC2086
    if has_systemd; then systemctl disable --quiet --now $server $running; fi
    for unit in $running $server; do rm -f "$units/$unit"; done
    rm -f "$native_drop_in"
    rmdir "$units/tt-allocation-server.service.d" 2>/dev/null || true
    rm -f /etc/sysusers.d/tenstorrent-exporter.conf /etc/tmpfiles.d/tenstorrent-exporter.conf
    rm -f "$bin/tenstorrent-exporter" "$bin/tt-allocation-server"
    if has_systemd; then systemctl daemon-reload; fi
  fi
  rm -rf "$opt"
  if [ "$1" = purge ]; then for name in $defaults; do rm -f "/etc/default/$name"; done; fi
}

case "${1:-}" in
  '' | -h | --help) usage; exit 0 ;;
esac
[ "$(id -u)" -eq 0 ] || fail 'run it as root'
case "$1" in
  --uninstall) if [ "${2:-}" = --purge ]; then uninstall purge; else uninstall remove; fi ;;
  -*) fail "unknown flag $1: see --help" ;;
  *)
    [ -f "$1" ] || fail "there is no file $1"
    package=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
    case "$package" in
      *.deb) install_deb "$package" ;;
      *.tgz) install_tarball "$package" ;;
      *) fail "$1 is neither a .deb nor a .tgz" ;;
    esac
    ;;
esac
