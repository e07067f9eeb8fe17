import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { createSharedMemorySource, wantedFiles } from '../../../src/sources/shared-memory/source.ts';
import { regionFixture } from './fixture.ts';
import type { SourceState } from '../../../src/sources/source.ts';
import type { RegionReading, SharedMemoryReading } from '../../../src/sources/shared-memory/types.ts';

async function read(path: string, milliseconds = 60_000, maxBytes?: number): Promise<SourceState<SharedMemoryReading>> {
  const deadline = Deadline.after(milliseconds);
  const source = createSharedMemorySource({ path, ...(maxBytes === undefined ? {} : { maxBytes }) });
  const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
  await run.done;
  await source.close();
  deadline.dispose();
  return run.state();
}

function reasons({ errors }: SourceState<unknown>): string[] {
  return errors.map(({ reason }) => reason);
}

describe('the shared memory source', () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'regions-'));
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function folderWith(name: string, files: Record<string, Uint8Array>): string {
    const path = join(folder, name);
    fs.mkdirSync(path);
    for (const [file, bytes] of Object.entries(files)) fs.writeFileSync(join(path, file), bytes);
    return path;
  }

  test('has no data where the directory does not exist or has no region', async () => {
    const empty = folderWith('empty', { 'sem.x': Buffer.alloc(0), tt_device_1_util: regionFixture('v4') });
    for (const path of [join(folder, 'none'), empty]) {
      const { outcome, errors } = await read(path);
      assert.deepEqual([outcome, errors], ['no_data', []]);
    }
  });

  test('fails where the path is no directory', async () => {
    const path = folderWith('file', { shm: Buffer.alloc(0) });
    assert.deepEqual(
      [(await read(join(path, 'shm'))).outcome, reasons(await read(join(path, 'shm')))],
      ['failed', ['io_error']],
    );
  });

  test('reads every region, and what is wrong with one costs no other', async () => {
    const path = folderWith('mixed', {
      tt_device_3_memory: regionFixture('v4'),
      tt_device_20_memory: regionFixture('v1-kernel'),
      tt_device_18446744073709551615_memory: Buffer.alloc(8576, 7),
      tt_device_1_memory: Buffer.alloc(0),
    });
    fs.mkdirSync(join(path, 'tt_device_2_memory'));
    const state = await read(path);
    assert.equal(state.outcome, 'ok');
    assert.deepEqual(
      state.data?.regions.map(({ nameId, status, region }) => [nameId, status, region?.version]),
      [
        [1n, 'initializing', undefined],
        [2n, 'untrusted', undefined],
        [3n, 'decoded', 4],
        [20n, 'decoded', 1],
        [18446744073709551615n, 'unsupported', undefined],
      ],
    );
    assert.deepEqual(reasons(state), ['untrusted', 'unsupported']);
    assert.ok(state.durationSeconds > 0 && state.durationSeconds < 30);
  });

  test('believes no counter above its limit', async () => {
    const path = folderWith('limit', { tt_device_1_memory: regionFixture('v2') });
    const state = await read(path, 60_000, 321_003);
    assert.equal(state.data?.regions[0]?.region?.totals.dram, 321_003);
    assert.deepEqual(new Set(reasons(state)), new Set(['implausible_value']));
  });

  test('has a state while it runs, which a later change does not touch', async () => {
    const path = folderWith('running', { tt_device_1_memory: regionFixture('v4') });
    const deadline = Deadline.after(60_000);
    const run = createSharedMemorySource({ path }).start({ deadline, wantedFiles: Promise.resolve([]) });
    const { outcome, data, errors } = run.state();
    assert.deepEqual([outcome, data, errors], [undefined, undefined, []]);
    await run.done;
    assert.equal(run.state().data?.regions.length, 1);
    assert.equal(run.state().durationSeconds, run.state().durationSeconds);
    deadline.dispose();
  });

  test('reads a bounded number of regions and says so', async () => {
    const files = Array.from({ length: 1100 }, (_, id) => [`tt_device_${id}_memory`, Buffer.alloc(0)] as const);
    const path = folderWith('flood', Object.fromEntries(files));
    const state = await read(path);
    assert.deepEqual([state.outcome, state.data?.regions.length, reasons(state)], ['ok', 1024, ['too_many_regions']]);
  });

  test('fails at its deadline with what it has by then', async () => {
    const path = folderWith('late', { tt_device_1_memory: regionFixture('v4') });
    const state = await read(path, 0);
    assert.deepEqual([state.outcome, state.data, reasons(state)], ['failed', { regions: [] }, ['deadline']]);
  });

  test('gives a bounded number of different process names', async () => {
    const files = Array.from({ length: 20 }, (_, id) => {
      const bytes = regionFixture('v4');
      for (let slot = 0; slot < 64; slot++) {
        bytes.writeInt32LE(slot + 1, 856 + 120 * slot);
        bytes.fill(0, 856 + 120 * slot + 56, 856 + 120 * slot + 120).write(`n${id}-${slot}`, 856 + 120 * slot + 56);
      }
      return [`tt_device_${id}_memory`, bytes] as const;
    });
    const { data } = await read(folderWith('names', Object.fromEntries(files)));
    const names = (data?.regions ?? []).flatMap(({ region }) => region?.slots.map(({ name }) => name) ?? []);
    assert.deepEqual([names.length, new Set(names).size, names[999], names[1000]], [1280, 1001, 'n15-39', '']);
  });

  test('lets the event loop turn while it reads a flood', async () => {
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    await read(join(folder, 'flood'));
    counting = false;
    assert.ok(turns > 10, `${turns}`);
  });

  test('wants the holders of each decoded region, by the PIDs that it names', async () => {
    const bytes = regionFixture('v4');
    bytes.writeInt32LE(-1, 856);
    bytes.writeInt32LE(17, 856 + 120 * 2);
    const empty = regionFixture('v3');
    empty.fill(0, 856);
    const path = folderWith('wanted', {
      tt_device_1_memory: bytes,
      tt_device_2_memory: empty,
      tt_device_3_memory: Buffer.alloc(0),
    });
    const { data } = await read(path);
    assert.ok(data !== undefined);
    const [first, second] = data.regions;
    const wanted = wantedFiles(data).map(({ writerMark, ...rest }) => ({
      ...rest,
      marks: rest.writerPids.map(writerMark),
    }));
    const marksOf = (reading: RegionReading | undefined) => {
      const { file, fingerprint, attachMark } = reading ?? {};
      return { file, fingerprint, attachMark };
    };
    const marks = wanted[0]?.marks ?? [];
    assert.deepEqual(wanted, [
      { ...marksOf(first), writerPids: [17, 4_194_304], marks },
      { ...marksOf(second), writerPids: [], marks: [] },
    ]);
    // The mark of a PID is of its own slots, and changes with each of their numbers.
    bytes.writeBigUInt64LE(1n, 856 + 8);
    fs.writeFileSync(join(path, 'tt_device_1_memory'), bytes);
    const others = async () => {
      const later = (await read(path)).data;
      return [17, 4_194_304].map((pid) => (later === undefined ? '' : wantedFiles(later)[0]?.writerMark(pid)));
    };
    assert.deepEqual(await others(), marks);
    bytes.writeBigUInt64LE(1n, 856 + 240 + 8);
    fs.writeFileSync(join(path, 'tt_device_1_memory'), bytes);
    const [changed, unchanged] = await others();
    assert.notEqual(changed, marks[0]);
    assert.equal(unchanged, marks[1]);
  });
});
