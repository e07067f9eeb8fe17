import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DecodedRegions } from '../../../src/sources/shared-memory/decoded-regions.ts';
import { BoundedTexts } from '../../../src/sources/bounded-texts.ts';
import { readRegion } from '../../../src/sources/shared-memory/read.ts';
import { MEMORY_TYPES } from '../../../src/snapshot/memory-types.ts';
import { OPTIONS } from './fixture.ts';
import type { ReadError } from '../../../src/sources/source.ts';

const WRITER = new URL('../../../src/simulator/region-writer.ts', import.meta.url).href;

/** Allocates and frees without a pause, and now and then cuts the file to nothing and begins anew. */
function script(path: string): string {
  return `
    import * as fs from 'node:fs';
    import { RegionWriter } from '${WRITER}';
    const writer = RegionWriter.open('${path}', { version: 4, chipId: 1n, deviceId: 0 });
    for (const pid of [1, 2, 3]) writer.attach(pid, 'writer');
    fs.writeSync(1, 'ready');
    for (let turn = 0; ; turn++) {
      const pid = 1 + (turn % 3);
      writer.allocate(pid, 'dram', 4096);
      writer.setCb(pid, turn % 1000);
      if (turn % 3 === 2) for (const owner of [1, 2, 3]) writer.free(owner, 'dram', 4096);
      if (turn % 50 === 49) {
        writer.raw.truncate(turn % 100 === 49 ? 0 : 4000);
        writer.raw.truncate(8576);
        writer.finishInit();
        for (const owner of [1, 2, 3]) writer.attach(owner, 'writer');
      }
    }`;
}

test('a region that is written to, shrinks and grows under the reader gives no error but torn reads', async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'live-'));
  const path = join(folder, 'tt_device_1_memory');
  const writer = spawn(process.execPath, ['--input-type=module', '-e', script(path)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(writer.stdout, 'data');
    const errors: ReadError[] = [];
    const seen = new Map<string, number>();
    const from = performance.now();
    const until = (seconds: number): boolean => performance.now() < from + 1000 * seconds;
    // At least a second, and until the writer has come between two reads.
    while (until(1) || (errors.length === 0 && until(30))) {
      const reading = readRegion(
        { path, nameId: 1n, special: false },
        { decode: OPTIONS, decoded: new DecodedRegions(), errors, linked: new Set(), names: new BoundedTexts(100) },
      );
      assert.ok(reading !== undefined);
      seen.set(reading.status, (seen.get(reading.status) ?? 0) + 1);
      for (const slot of reading.region?.slots ?? []) {
        assert.ok(slot.pid >= 1 && slot.pid <= 3 && (slot.name === 'writer' || slot.name === ''));
        for (const type of MEMORY_TYPES) assert.ok((reading.region?.totals[type] ?? 0) >= (slot.bytes[type] ?? 0));
      }
    }
    assert.deepEqual(new Set(errors.map(({ reason }) => reason)), new Set(['torn_read']));
    assert.deepEqual([...seen.keys()].sort(), ['decoded', 'initializing']);
  } finally {
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    fs.rmSync(folder, { recursive: true });
  }
});
