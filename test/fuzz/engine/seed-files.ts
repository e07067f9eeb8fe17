import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const SEEDS = join(import.meta.dirname, '..', 'seeds');

export interface SeedFile {
  readonly name: string;
  readonly input: Buffer;
}

/** The inputs of a target that are kept: those that once found something, and those that reach the most. */
export function readSeeds(target: string): SeedFile[] {
  const folder = join(SEEDS, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.gz'))
    .sort()
    .map((name) => ({ name, input: gunzipSync(readFileSync(join(folder, name))) }));
}

/** Those that reach the most are others now; what once found something stays. */
export function replaceReach(target: string, inputs: readonly Buffer[]): void {
  const folder = join(SEEDS, target);
  for (const { name } of readSeeds(target)) if (name.startsWith('reach-')) rmSync(join(folder, name));
  for (const input of inputs) keepSeed(target, 'reach', input);
}

/** Keeps an input, compressed: regions are mostly zeros. `kind`: `found` or `reach`. Gives the path. */
export function keepSeed(target: string, kind: 'found' | 'reach', input: Buffer): string {
  const folder = join(SEEDS, target);
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const path = join(folder, `${kind}-${name}.gz`);
  writeFileSync(path, gzipSync(input, { level: 9 }));
  return path;
}
