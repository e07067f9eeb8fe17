import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TOP } from '../../build/top.ts';

const CACHE = join(TOP, 'node_modules/.cache/node-runtime');

/** Debian's names of the architectures for which there is a Node.js, with those of npm. */
export const ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' } as const;
export type Architecture = keyof typeof ARCHITECTURES;

/** The architecture of this machine. Throws where there is no package for it. */
export function ownArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new Error(`there is no package for ${process.arch}: give --arch=amd64 or --arch=arm64`);
}

/**
 * The folder of a Node.js as its project builds it, of the version that the tests run on: `bin/node`, `LICENSE`. It comes
 * as an npm package, whose checksum npm compares.
 */
export function nodeRuntime(architecture: Architecture): string {
  const name = `node-linux-${ARCHITECTURES[architecture]}`;
  const folder = join(CACHE, `${name}-${nodeVersion()}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const made = mkdtempSync(join(CACHE, 'new-'));
  try {
    const pack = ['pack', '--silent', '--prefer-offline', '--pack-destination', made, `${name}@${nodeVersion()}`];
    const file = execFileSync('npm', pack, { encoding: 'utf8', cwd: made }).trim();
    execFileSync('tar', ['-xzf', join(made, file), '-C', made, 'package/bin/node', 'package/LICENSE']);
    renameSync(join(made, 'package'), folder);
  } catch (error) {
    // Somebody else may have been quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return folder;
}

/** The version in the lock file. */
export function nodeVersion(): string {
  const { version } = JSON.parse(readFileSync(join(TOP, 'node_modules/node/package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
