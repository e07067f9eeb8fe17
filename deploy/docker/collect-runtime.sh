#!/bin/sh
# Copies Node.js, the libraries that it and other files are linked to, and what the C library looks for, to a folder that
# becomes the image's root. Packages are named where scanners look for them in an image without dpkg.
#   collect-runtime.sh FOLDER [FILE]…
set -eu

root=$1
shift
user=65532
node=$(readlink -f "$(command -v node)")

mkdir -p "$root/usr/local/bin" "$root/etc" "$root/run/tenstorrent-exporter" "$root/run/tenstorrent" "$root/tmp" \
  "$root/var/lib/dpkg/status.d"
install -m 0755 "$node" "$root/usr/local/bin/node"
for license in "${node%/bin/node}/LICENSE" /usr/share/doc/nodejs/copyright; do
  if [ -f "$license" ]; then install -D -m 0644 "$license" "$root/usr/share/doc/nodejs/copyright"; fi
done

# The package that a file came with; Debian's lists name files as before /lib and /usr/lib were one.
package_of() {
  for path in "$1" "$(readlink -f "$1")" "$(readlink -f "$1" | sed 's|^/usr||')"; do
    if name=$(dpkg-query -S "$path" 2>/dev/null); then
      echo "${name%%: *}" | cut -d, -f1
      return
    fi
  done
  echo "no package has $1" >&2
  return 1
}

libraries=$(for file in "$node" "$@"; do ldd "$file"; done | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | sort -u)
for library in $libraries; do
  install -D -m 0755 "$(readlink -f "$library")" "$root$library"
  package=$(package_of "$library")
  name=${package%%:*}
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$name"
  install -D -m 0644 "/usr/share/doc/$name/copyright" "$root/usr/share/doc/$name/copyright"
done

cp -L /etc/os-release "$root/etc/os-release"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0::/:\ntenstorrent-exporter:x:%s:%s::/:\n' "$user" "$user" >"$root/etc/passwd"
printf 'root:x:0:\ntenstorrent-exporter:x:%s:\n' "$user" >"$root/etc/group"

ln -s /usr/lib/tenstorrent-exporter/dist/cli.js "$root/usr/local/bin/tenstorrent-exporter"
ln -s /usr/lib/tenstorrent-exporter/dist/allocation-server/cli.js "$root/usr/local/bin/tt-allocation-server"

# Where sockets are shared with other containers: a new volume takes over the owner.
chown "$user:$user" "$root/run/tenstorrent-exporter" "$root/run/tenstorrent"
chmod 0775 "$root/run/tenstorrent-exporter" "$root/run/tenstorrent"
chmod 1777 "$root/tmp"
