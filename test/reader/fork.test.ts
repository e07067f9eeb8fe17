import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { collectorConfig } from '../../src/flags/collector-config.ts';
import { parseCommandLine } from '../../src/flags/parse.ts';
import { silentLog } from '../../src/log/log.ts';
import { forkReader } from '../../src/reader/fork.ts';
import { SupervisedReader } from '../../src/reader/supervisor.ts';
import type { SupervisorOptions } from '../../src/reader/supervisor.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram } from '../support/start-exporter.ts';
import type { RunningProgram } from '../support/start-exporter.ts';

const SCRIPT = fileURLToPath(new URL('fake-reader.ts', import.meta.url));
const OWNER = fileURLToPath(new URL('fork-owner.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'fork-reader-'));
after(() => {
  rmSync(folder, { recursive: true });
});

function fork(behaviour: string, options: Partial<SupervisorOptions> = {}): SupervisedReader {
  const config = collectorConfig(parseCommandLine([`--path.sysfs=${behaviour}`]).settings);
  return new SupervisedReader({
    open: () => forkReader({ script: SCRIPT, args: [] }),
    version: '1.0.0',
    start: { type: 'start', config, logLevel: 'info', logFormat: 'logfmt' },
    log: silentLog,
    ...options,
  });
}

/** What the reader says of itself: its PID and the size of its pool. */
async function mark(reader: SupervisedReader): Promise<{ readonly pid: number; readonly poolSize: string }> {
  const { body } = await reader.page(
    {
      collectors: [],
      format: 'text',
      gzip: false,
      timeoutMs: 10_000,
      own: () => Promise.resolve({ bytes: new Uint8Array(0), samples: 0 }),
    },
    new AbortController().signal,
  );
  const [, pid, poolSize = ''] = /version="(\d+) (\d*)"/.exec(Buffer.from(body).toString()) ?? [];
  return { pid: Number(pid), poolSize };
}

function isAlive(pid: number): boolean {
  try {
    // A process that nobody has waited for yet is a zombie: it has ended.
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function startOwner(behaviour: string, file = '/nowhere'): Promise<{ owner: RunningProgram; pid: number }> {
  const owner = startProgram([`--path.sysfs=${behaviour}`, `--path.shm=${file}`], { script: OWNER });
  const [, pid] = await owner.waitForLine(/reader=(\d+)\n/);
  return { owner, pid: Number(pid) };
}

describe('a forked reader', () => {
  it('is a process of its own, with a thread for every device that may block', async () => {
    const reader = fork('works');
    const { pid, poolSize } = await mark(reader);
    assert.notEqual(pid, process.pid);
    assert.equal(poolSize, '40');
    await reader.close();
    await eventually('the end of the reader', () => !isAlive(pid));
  });

  it('is started again when it is killed', async () => {
    const reader = fork('works');
    const first = await mark(reader);
    process.kill(first.pid, 'SIGKILL');
    await eventually('its end to be noticed', () => !reader.ready());
    const second = await mark(reader);
    assert.notEqual(second.pid, first.pid);
    await reader.close();
    await eventually('the end of the reader', () => !isAlive(second.pid));
  });

  it('is killed and replaced when it says nothing any more', async () => {
    const reader = fork('works', { pingMs: 50, silentPings: 20 });
    const first = await mark(reader);
    process.kill(first.pid, 'SIGSTOP');
    await eventually('another reader', async () => (await mark(reader).catch(() => first)).pid !== first.pid);
    await eventually('the end of the first', () => !isAlive(first.pid));
    await reader.close();
  });

  it('says why it refuses its configuration', async () => {
    const reader = fork('refuses');
    await assert.rejects(reader.started, { name: 'ReaderRefused', message: 'bad file, line 3' });
    await reader.close();
  });

  it('ignores the signals that its owner gets as well', async () => {
    const reader = fork('works');
    const { pid } = await mark(reader);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    assert.equal((await mark(reader)).pid, pid);
    await reader.close();
    await eventually('the end of the reader', () => !isAlive(pid));
  });
});

describe('the process that owns a forked reader', () => {
  it("has the reader's output on its stderr", async () => {
    const { owner } = await startOwner('prints');
    assert.match(owner.stderr(), /printed by the reader/);
    assert.equal(owner.stdout(), '');
    await owner.stop();
  });

  it('takes the reader with it, however it ends', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const { owner, pid } = await startOwner('works');
      owner.process.kill(signal);
      await owner.ended;
      await eventually('the end of the reader', () => !isAlive(pid));
    }
  });

  it('does not wait for a reader that closes its sources slowly', async () => {
    const file = join(folder, 'closed');
    const { owner, pid } = await startOwner('lingers', file);
    assert.equal(await owner.stop(), 0);
    assert.ok(isAlive(pid));
    await eventually('the end of the reader', () => !isAlive(pid));
    assert.equal(readFileSync(file, 'utf8'), 'closed');
  });

  it('leaves nothing behind where a read of the reader is blocked', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const { owner, pid } = await startOwner('has a blocked read', fifo);
    assert.equal(await owner.stop(), 0);
    await eventually('the end of the reader', () => !isAlive(pid));
  });
});
