#!/bin/sh
# Builds descriptors.node beside this file, or the file that is given, with the C compiler and the headers of
# node-api-headers or of Node.js itself.
set -eu
output=$(realpath -m "${1:-$(dirname "$0")/descriptors.node}")
cd "$(dirname "$0")"
headers=$(node -p 'try { require("node-api-headers").include_dir } catch { require("path").resolve(process.execPath, "../../include/node") }')
if [ ! -f "$headers/node_api.h" ]; then
  echo "node_api.h was not found: npm install node-api-headers" >&2
  exit 1
fi
# Renamed into place: a server that has the old one loaded keeps it.
"${CC:-cc}" -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden -DNODE_GYP_MODULE_NAME=descriptors \
  -I"$headers" -o "$output.new" descriptors.c
mv -f "$output.new" "$output"
