#!/bin/sh
# Builds descriptors.node where there is a C compiler and the sources are newer. Without it the allocation server runs as
# well, and says that it cannot verify PIDs.
set -u
cd "$(dirname "$0")"
[ descriptors.node -nt descriptors.c ] && exit 0
command -v "${CC:-cc}" >/dev/null || exit 0
sh build.sh || echo "the native part could not be built: PIDs of who reports stay unproven" >&2
exit 0
