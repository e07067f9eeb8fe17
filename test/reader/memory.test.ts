import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MALLOC_SETTINGS } from '../../src/reader/memory.ts';

const MEMORY = fileURLToPath(new URL('../../src/reader/memory.ts', import.meta.url));
const PREPARE = `import { keepMemorySmall } from ${JSON.stringify(MEMORY)}; keepMemorySmall();`;

/** What a process of its own prints as JSON. */
function run(script: string): unknown {
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script]).toString());
}

test('a reader with a small heap for garbage holds whatever a host needs', () => {
  const megabytes = run(
    `${PREPARE}
     // Ten times what a collection of 100,000 series keeps alive.
     const kept = [];
     while (kept.length < 2_000_000) kept.push({ pid: kept.length, bytes: kept.length * 1.5, label: \`?\${kept.length}\` });
     console.log(process.memoryUsage().heapUsed / 2 ** 20 + 0 * kept.length);`,
  );
  assert.ok(Number(megabytes) > 150, `${String(megabytes)} MB`);
});

test('a reader keeps little garbage: its heap hardly grows over what lives', () => {
  const script = (prepare: string): string =>
    `${prepare}
     let live = [];
     let most = 0;
     for (let round = 0; round < 60; round++) {
       live = Array.from({ length: 50_000 }, (_, at) => ({ at, round, label: \`\${at}-\${round}\` }));
       most = Math.max(most, process.memoryUsage().heapTotal);
     }
     console.log(most / 2 ** 20 + 0 * live.length);`;
  const usual = Number(run(script('')));
  const small = Number(run(script(PREPARE)));
  assert.ok(small < 0.7 * usual, `${small} MB of ${usual} MB`);
});

test('a reader that is started apart has the settings of malloc that a forked one has', () => {
  const settings = Object.entries(MALLOC_SETTINGS).map(([name, value]) => `${name}=${value}`);
  for (const file of ['systemd/tenstorrent-exporter-reader.service', 'docker/Dockerfile']) {
    const text = readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
    assert.deepEqual(text.match(/\bMALLOC_\w+=\S+/gu), settings, file);
  }
});

test('this Node knows every flag that the program sets: one that it does not know would be passed over in silence', () => {
  const known = execFileSync(process.execPath, ['--v8-options']).toString();
  const set = ['memory', 'compile-sooner'].flatMap((name) => {
    const text = readFileSync(new URL(`../../src/reader/${name}.ts`, import.meta.url), 'utf8');
    return [...text.matchAll(/setFlagsFromString\('--(?:no-)?([a-z-]+)/gu)].map(([, flag = '']) => flag);
  });
  assert.equal(set.length, 5);
  for (const flag of set) assert.match(known, new RegExp(`^  --${flag} `, 'mu'), flag);
});
