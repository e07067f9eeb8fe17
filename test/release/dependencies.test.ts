import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importedPackages } from './imports.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Used by what is not TypeScript of ours, or by a peer that is. */
const USED_OTHERWISE: Readonly<Record<string, string>> = {
  '@lezer/highlight': 'the grammar of PromQL asks for it as a peer',
  '@lezer/lr': 'the grammar of PromQL asks for it as a peer',
  '@types/express': 'types of express',
  '@types/node': 'types of Node.js',
  '@types/terminal-kit': 'types of terminal-kit',
  node: 'what npm scripts run on',
  'node-api-headers': 'native/build.sh compiles with them',
};

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
const shipped = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies ?? {})];

/** What is in the repository; the preview of dashboards is a package of its own. */
function sources(): { readonly src: string[]; readonly rest: string[] } {
  const tracked = execFileSync('git', ['ls-files', '*.ts', '*.js', '*.mjs'], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n');
  const ours = tracked.filter((file) => !file.startsWith('grafana/preview/'));
  const paths = (files: string[]) => files.map((file) => join(ROOT, file));
  return {
    src: paths(ours.filter((file) => file.startsWith('src/'))),
    rest: paths(ours.filter((file) => !file.startsWith('src/'))),
  };
}

test('what is shipped imports nothing but what is installed with it', async () => {
  const imported = await importedPackages(sources().src);
  assert.deepEqual(
    [...imported].filter((name) => !shipped.includes(name)),
    [],
  );
});

test('every dependency is used', async () => {
  const { src, rest } = sources();
  const bySrc = await importedPackages(src);
  const byRest = await importedPackages(rest);
  const unused = [
    ...shipped.filter((name) => !bySrc.has(name)),
    ...Object.keys(manifest.devDependencies).filter((name) => !bySrc.has(name) && !byRest.has(name)),
  ];
  assert.deepEqual(
    unused.filter((name) => USED_OTHERWISE[name] === undefined),
    [],
  );
  assert.deepEqual(
    Object.keys(USED_OTHERWISE).filter((name) => !unused.includes(name)),
    [],
    'imported by now: take it off the list',
  );
});
