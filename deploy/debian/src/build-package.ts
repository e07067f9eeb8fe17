import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../../src/version.ts';
import { controlFile } from './control.ts';
import type { Architecture } from './node-runtime.ts';
import { filesBelow, md5sums, seal, writeControl } from './seal.ts';
import { stage } from './stage.ts';
import { TOP } from '../../build/top.ts';

export interface PackageOptions {
  readonly architecture: Architecture;
  /** The folder in which the package is put. */
  readonly out: string;
  /** The time of everything in it. */
  readonly date: Date;
  readonly maintainer: string;
}

/** Makes the package, and gives its path. The same source, tools and date make the same bytes. */
export function buildPackage({ architecture, out, date, maintainer }: PackageOptions): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenstorrent-exporter-deb-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'DEBIAN'), { recursive: true });
    const facts = { version: VERSION, date, architecture, maintainer };
    stage(root, facts);
    const files = filesBelow(root);
    const installedBytes = files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
    writeControl(root, {
      control: controlFile({ ...facts, installedBytes }),
      md5sums: md5sums(root, files),
      conffiles: files
        .filter((file) => file.startsWith('etc/'))
        .map((file) => `/${file}\n`)
        .join(''),
      ...Object.fromEntries(['postinst', 'prerm', 'postrm'].map((name) => [name, script(name)])),
    });
    seal(root, date);
    mkdirSync(out, { recursive: true });
    const file = join(out, `tenstorrent-exporter_${VERSION}_${architecture}.deb`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(Math.floor(date.getTime() / 1000)) };
    // xz would make it a third smaller, and takes more than a minute.
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', root, file], { env });
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function script(name: string): string {
  return readFileSync(join(TOP, 'deploy/debian/files', name), 'utf8');
}
