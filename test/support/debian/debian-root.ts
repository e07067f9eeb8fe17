import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SUITE = 'bookworm';
const PACKAGES = 'systemd,init-system-helpers,libstdc++6';
/** Kept between runs: making it takes minutes, and the network. */
const CACHE = fileURLToPath(new URL(`../../../node_modules/.cache/debian-${SUITE}-systemd`, import.meta.url));

/** Makes $1 by way of $1.new, unless somebody has; each machine makes its own machine-id. */
const MAKE = `
[ ! -d "$1" ] || exit 0
rm -rf "$1.new"
debootstrap --variant=minbase --include=${PACKAGES} ${SUITE} "$1.new"
rm -rf "$1.new/var/cache/apt" "$1.new/var/lib/apt/lists"
: > "$1.new/etc/machine-id"
mv "$1.new" "$1"
`;

/** The folder of a clean Debian with systemd and nothing more, which is not to be changed. Needs root and debootstrap. */
export async function debianRoot(): Promise<string> {
  if (existsSync(CACHE)) return CACHE;
  if (process.getuid?.() !== 0) throw new Error('a machine with systemd needs root: run this test as root');
  await mkdir(dirname(CACHE), { recursive: true });
  // Another test file may want it at the same time.
  await run('flock', [`${CACHE}.lock`, 'sh', '-ec', MAKE, 'sh', CACHE], { maxBuffer: 2 ** 24 });
  return CACHE;
}
