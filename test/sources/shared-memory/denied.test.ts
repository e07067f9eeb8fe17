import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { regionFixture } from './fixture.ts';

const SOURCE = new URL('../../../src/sources/shared-memory/source.ts', import.meta.url).href;
const DEADLINE = new URL('../../../src/collect/deadline.ts', import.meta.url).href;

/** Reads a directory in a process of its own and prints the state. */
function script(path: string, before = ''): string {
  return `
    import * as fs from 'node:fs';
    import { createSharedMemorySource } from '${SOURCE}';
    import { Deadline } from '${DEADLINE}';
    ${before}
    const run = createSharedMemorySource({ path: '${path}' }).start({
      deadline: Deadline.after(10_000),
      wantedFiles: Promise.resolve([]),
    });
    await run.done;
    const { outcome, errors, data } = run.state();
    const regions = data?.regions.map(({ nameId, status, problem, ownerUid, file, fingerprint }) =>
      ({ nameId: String(nameId), status, problem, ownerUid, looked: file !== undefined, fingerprint: typeof fingerprint }));
    fs.writeSync(1, JSON.stringify({ outcome, errors, regions }));`;
}

function evaluate(code: string, options: { uid?: number; shell?: string } = {}): unknown {
  const node = [process.execPath, '--input-type=module', '-e', code];
  const [command = '', ...args] = options.shell === undefined ? node : ['/bin/sh', '-c', options.shell, ...node];
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...identity, cwd: '/', timeout: 30_000 });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

const isRoot = process.getuid?.() === 0;

describe('what may not be read', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'regions-'));
  fs.chmodSync(folder, 0o755);
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  const ADVICE = 'run the exporter as root or give it CAP_DAC_READ_SEARCH';

  function regionsOf(name: string, modes: readonly number[]): string {
    const path = join(folder, name);
    fs.mkdirSync(path);
    for (const [index, mode] of modes.entries()) {
      const file = join(path, `tt_device_${index}_memory`);
      fs.writeFileSync(file, regionFixture('v4'));
      fs.chmodSync(file, mode);
    }
    return path;
  }

  test('is unreadable, with what to do about it, and costs no other region', { skip: !isRoot }, () => {
    const path = regionsOf('mixed', [0o600, 0o644]);
    const problem = `${path}/tt_device_0_memory may not be read (user 0 owns it, mode 0600): ${ADVICE}`;
    assert.deepEqual(evaluate(script(path), { uid: 65_534 }), {
      outcome: 'ok',
      errors: [{ reason: 'unreadable', message: problem }],
      regions: [
        { nameId: '0', status: 'unreadable', problem, ownerUid: 0, looked: true, fingerprint: 'undefined' },
        { nameId: '1', status: 'decoded', ownerUid: 0, looked: true, fingerprint: 'string' },
      ],
    });
  });

  test('is a failure where it is all there is', { skip: !isRoot }, () => {
    const path = regionsOf('closed', [0o600, 0o000]);
    const { outcome, errors } = evaluate(script(path), { uid: 65_534 }) as { outcome: string; errors: unknown[] };
    assert.deepEqual([outcome, errors.length], ['failed', 2]);
  });

  test('is a failure where it is the directory', { skip: !isRoot }, () => {
    const path = regionsOf('locked', [0o644]);
    fs.chmodSync(path, 0o700);
    assert.deepEqual(evaluate(script(path), { uid: 65_534 }), {
      outcome: 'failed',
      errors: [{ reason: 'unreadable', message: `${path} may not be listed: ${ADVICE}` }],
    });
  });

  test('running out of descriptors is said and is not taken for an empty directory', () => {
    const path = regionsOf('emfile', [0o644]);
    const exhaust = "try { for (;;) fs.openSync('/dev/null'); } catch {}";
    const state = evaluate(script(path, exhaust), { shell: 'ulimit -n 64; exec "$0" "$@"' });
    assert.deepEqual(state, {
      outcome: 'failed',
      errors: [
        {
          reason: 'io_error',
          message: `${path} cannot be listed: EMFILE: too many open files, opendir`,
        },
      ],
    });
  });
});
