import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from './build-package.ts';
import { ARCHITECTURES, ownArchitecture } from './node-runtime.ts';
import type { Architecture } from './node-runtime.ts';
import { TOP } from '../../build/top.ts';

const USAGE = `usage: npm run package:deb -- [--arch=amd64|arm64] [--out=FOLDER]

Makes the Debian package; FOLDER is dist-deb by default. For another architecture than this machine's set CC and STRIP
to its compiler and its strip. SOURCE_DATE_EPOCH is the time of everything in it: that of the last commit by default.
DEBFULLNAME and DEBEMAIL name its maintainer.
`;

function main(): void {
  const { values } = parseArgs({
    options: { arch: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const { DEBFULLNAME: name = 'tenstorrent-exporter maintainers', DEBEMAIL: email = 'maintainers@example.org' } =
    process.env;
  const file = buildPackage({
    architecture: architectureOf(values.arch),
    out: resolve(values.out ?? 'dist-deb'),
    date: sourceDate(),
    maintainer: `${name} <${email}>`,
  });
  process.stdout.write(`${file}\n`);
}

function architectureOf(text: string | undefined): Architecture {
  if (text === undefined) return ownArchitecture();
  if (text in ARCHITECTURES) return text as Architecture;
  throw new Error(`--arch=${text}: there is a package for ${Object.keys(ARCHITECTURES).join(' and ')}`);
}

function sourceDate(): Date {
  const { SOURCE_DATE_EPOCH: epoch = lastCommit() } = process.env;
  if (!/^\d+$/.test(epoch)) throw new Error(`SOURCE_DATE_EPOCH is "${epoch}": give seconds since 1970`);
  return new Date(Number(epoch) * 1000);
}

function lastCommit(): string {
  return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: TOP, encoding: 'utf8' }).trim();
}

main();
