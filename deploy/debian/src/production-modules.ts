import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { TOP } from '../../build/top.ts';

/** A package of npm that the programs need when they run. */
export interface ProductionModule {
  /** `node_modules/express` */
  readonly path: string;
  readonly version: string;
  /** An SPDX expression; undefined: it says none. */
  readonly licence: string | undefined;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

/** What is code or data; documents, types and maps of sources are not needed to run. */
const NEEDED = ['.js', '.cjs', '.mjs', '.json', '.proto', '.node'];
const NEEDLESS_FOLDERS = [
  'test',
  'tests',
  'doc',
  'docs',
  'example',
  'examples',
  'demo',
  'sample',
  'man',
  '.github',
  '.bin',
];
const NEEDLESS_FILES = ['package-lock.json', 'tsconfig.json', 'bower.json', 'component.json'];

/** By the lock file: neither for development nor optional. */
export function productionModules(): ProductionModule[] {
  const { packages } = JSON.parse(readFileSync(join(TOP, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  return Object.entries(packages)
    .filter(
      ([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true && entry.optional !== true,
    )
    .map(([path, { version = '', license }]) => ({ path, version, licence: license }));
}

/** Copies what a module needs to run below `target`, without the modules inside of it. Throws where it is not installed. */
export function copyModule({ path }: ProductionModule, target: string): void {
  const source = join(TOP, path);
  if (!existsSync(source)) throw new Error(`${path} is not installed: npm ci`);
  cpSync(source, join(target, path), { recursive: true, filter: (file) => isNeeded(file, source) });
}

function isNeeded(file: string, top: string): boolean {
  const name = basename(file);
  if (file === top) return true;
  if (statSync(file).isDirectory()) {
    // A folder called test may be code where it is not at the top.
    return name !== 'node_modules' && !(join(top, name) === file && NEEDLESS_FOLDERS.includes(name));
  }
  if (name.startsWith('.') || !NEEDED.includes(extname(name)) || NEEDLESS_FILES.includes(name)) return false;
  // A program of the module's own is none of ours.
  return readFileSync(file, 'latin1').slice(0, 2) !== '#!';
}

/** The text of a module's licence; undefined where it has no file with it. */
export function licenceText({ path }: ProductionModule): string | undefined {
  const folder = join(TOP, path);
  const name = readdirSync(folder).find((file) => /^(?:licen[cs]e|copying)/i.test(file));
  return name === undefined ? undefined : readFileSync(join(folder, name), 'utf8');
}
