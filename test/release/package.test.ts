import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '../../src/version.ts';

const TOP = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(TOP, 'node_modules', 'typescript', 'bin', 'tsc');
const run = promisify(execFile);

/** What the package is made of, beside what npm always packs. */
const PARTS = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'METRICS.md', 'deploy', 'native'];

const PROGRAM = `
import { createCollector, createReportingClient, FAMILIES, PageEncoder, registerDeviceFamilies } from 'tenstorrent-exporter';
import type { Family, Snapshot } from 'tenstorrent-exporter';
const families: readonly Family[] = FAMILIES;
export const draw = (snapshot: Snapshot): unknown => snapshot;
console.log([createCollector, createReportingClient, registerDeviceFamilies, PageEncoder].map((it) => typeof it).join());
console.log(families.length > 50);
`;

describe('the npm package', () => {
  let folder: string;
  let tarball: string;
  let files: readonly string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-'));
    const source = join(folder, 'source');
    for (const part of PARTS) {
      await mkdir(dirname(join(source, part)), { recursive: true });
      await cp(join(TOP, part), join(source, part), { recursive: true });
    }
    // What must not be packed.
    await mkdir(join(source, 'test'));
    await writeFile(join(source, 'test', 'a.test.ts'), '');
    await writeFile(join(source, '.env'), 'SECRET=1');
    const build = join(TOP, 'deploy', 'build', 'main.ts');
    await run(process.execPath, [build, `--out=${join(source, 'dist')}`, '--unchecked']);
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: source,
    });
    const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
    tarball = join(folder, packed?.filename ?? '');
    files = packed?.files.map(({ path }) => path) ?? [];
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('has the compiled programs with their types, the clients, the documents, and nothing else', () => {
    const places = new Set(
      files.map((path) => (path.startsWith('dist/') ? 'dist/' : path.replace(/^(deploy\/clients)\/.*/, '$1/'))),
    );
    assert.deepEqual([...places].sort(), [
      'CHANGELOG.md',
      'LICENSE',
      'METRICS.md',
      'README.md',
      'deploy/clients/',
      'dist/',
      'native/build.sh',
      'native/descriptors.c',
      'package.json',
    ]);
    const others = files.filter((path) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path));
    assert.deepEqual(others, []);
    const needed = [
      'dist/cli.js',
      'dist/allocation-server/cli.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/io/lane-worker.js',
      'dist/web-config/bcrypt-worker.js',
    ];
    assert.deepEqual(
      needed.filter((path) => !files.includes(path)),
      [],
    );
  });

  it('is installed in an empty folder, where both programs and the library run', async () => {
    const target = join(folder, 'target');
    await mkdir(target);
    await writeFile(join(target, 'package.json'), '{ "type": "module", "private": true }');
    const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--omit=optional'];
    await run('npm', ['install', ...flags, tarball], { cwd: target });
    for (const name of ['tenstorrent-exporter', 'tt-allocation-server']) {
      // As the shell starts it: by its first line, with the node of this test.
      const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
      const env = { ...process.env, PATH };
      const { stdout } = await run(join(target, 'node_modules', '.bin', name), ['--version'], { env });
      assert.ok(stdout.startsWith(`${name}, version ${VERSION} `), stdout);
    }
    await writeFile(join(target, 'program.ts'), PROGRAM);
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const types = ['--typeRoots', join(TOP, 'node_modules', '@types'), '--skipLibCheck'];
    await run(process.execPath, [TSC, ...options, ...types, '--ignoreConfig', 'program.ts'], { cwd: target });
    const { stdout } = await run(process.execPath, ['program.ts'], { cwd: target });
    assert.equal(stdout, 'function,function,function,function\ntrue\n');
  });

  it('is published with its provenance, to everybody', async () => {
    const { publishConfig } = JSON.parse(await readFile(join(TOP, 'package.json'), 'utf8')) as {
      publishConfig: unknown;
    };
    assert.deepEqual(publishConfig, { access: 'public', provenance: true });
  });
});
