#!/bin/sh
exec /usr/lib/tenstorrent-exporter/bin/node /usr/lib/tenstorrent-exporter/SCRIPT "$@"
