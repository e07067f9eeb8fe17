import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { FRAME_BYTES } from '../../src/protocol/layout.ts';
import { startStockServer } from '../../src/simulator/stock-server.ts';
import { eventually } from '../support/eventually.ts';
import { compileDriver, LANGUAGES, startDriver } from './driver.ts';

const folder = mkdtempSync(join(tmpdir(), 'tt-clients-stock-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});
const program = compileDriver(folder, 'driver');

const NOTHING = { dram: 0n, l1: 0n, l1Small: 0n, trace: 0n, cb: 0n, kernel: 0n };

/** What the server has in the end, of what the dialect can say. */
const EXPECTED = {
  A: { ...NOTHING, dram: 4096n, l1: 100n },
  B: { ...NOTHING, dram: 4096n, l1: 100n },
  C: { ...NOTHING, dram: 4096n, l1: 100n, cb: 2048n, kernel: 900n },
};

for (const language of LANGUAGES) {
  for (const dialect of ['A', 'B', 'C'] as const) {
    it(`a stock server of dialect ${dialect} has the totals that the ${language} client reports, before and after a restart`, async () => {
      const path = join(folder, `${language}-${dialect}.sock`);
      let server = await startStockServer({ path, dialect, devices: [] });
      const driver = startDriver(language, program, { socketPath: path, frameBytes: FRAME_BYTES[dialect] });
      try {
        driver.say('alloc 0 1 4096 0', 'alloc 0 2 512 1', 'free 0 2', 'alloc 0 3 100 1', 'cores 0 4 2048 0 0 1 0 1024');
        driver.say('load 0 5 900 0', 'cb 0 6 1', 'cbfree 0 6', 'stats 0 0 1 2 3 4', 'failed 0 0 1 2');
        for (let start = 1; start <= 2; start++) {
          const whole = { ...EXPECTED[dialect] };
          await eventually('the totals', () => isEqual(server.totals(0), whole));
          if (start === 2) break;
          await server.close();
          server = await startStockServer({ path, dialect, devices: [] });
        }
        const { dropped, live } = await driver.counts();
        // Neither statistics nor failures are for a stock server; A and B have no circular buffers or kernels either.
        assert.equal(live, dialect === 'C' ? 4 : 2);
        assert.ok(dropped >= (dialect === 'C' ? 2 : 6), `${dropped}`);
        assert.equal(server.crashed, false);
      } finally {
        assert.deepEqual(await driver.close(), { code: 0, signal: null, stderr: '' });
        await server.close();
      }
    });
  }
}

function isEqual(a: object, b: object): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}
