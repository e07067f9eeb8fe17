import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../support/start-exporter.ts';

const SCRIPT = fileURLToPath(new URL('blocked-opens.ts', import.meta.url));

describe('a reader that nobody forked', () => {
  it('has a thread for every device that may block, or as many as the environment says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pool-'));
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const env = { ...process.env };
    delete env['UV_THREADPOOL_SIZE'];
    const threads: number[] = [];
    for (const size of [undefined, '7']) {
      const script = startProgram([fifo], {
        script: SCRIPT,
        replaceEnv: size === undefined ? env : { ...env, UV_THREADPOOL_SIZE: size },
      });
      const [, count] = await script.waitForLine(/threads=(\d+)\n/);
      threads.push(Number(count));
      await script.ended;
    }
    rmSync(folder, { recursive: true });
    assert.equal((threads[0] ?? 0) - (threads[1] ?? 0), 40 - 7);
  });
});
