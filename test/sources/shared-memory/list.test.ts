import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Deadline } from '../../../src/collect/deadline.ts';
import { listRegions, regionNameId } from '../../../src/sources/shared-memory/list.ts';

test('the name of a region is its number, a u64, and nothing else is one', () => {
  const names = [
    'tt_device_0_memory',
    'tt_device_14251245764_memory',
    'tt_device_18446744073709551615_memory',
    'tt_device_007_memory',
    'tt_device_18446744073709551616_memory',
    'tt_device_99999999999999999999_memory',
    'tt_device_000000000000000000001_memory',
    'tt_device_14251245764_util',
    'tt_device_-1_memory',
    'tt_device_0x1_memory',
    'tt_device__memory',
    'tt_device_1_memory.old',
    'xtt_device_1_memory',
    'tt_device_1_memory\n',
    'tt_device_١_memory',
  ];
  assert.deepEqual(names.map(regionNameId), [
    0n,
    14251245764n,
    2n ** 64n - 1n,
    7n,
    ...Array<undefined>(11).fill(undefined),
  ]);
});

describe('listing a directory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'regions-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const deadline = Deadline.after(60_000);
  after(() => {
    deadline.dispose();
  });

  test('gives its regions in the order of their numbers, and marks what is no file', async () => {
    const path = join(folder, 'few');
    mkdirSync(path);
    for (const id of ['10', '9', '18446744073709551615']) writeFileSync(join(path, `tt_device_${id}_memory`), '');
    writeFileSync(join(path, 'tt_device_9_util'), '');
    writeFileSync(join(path, 'sem.python'), '');
    mkdirSync(join(path, 'tt_device_3_memory'));
    symlinkSync('tt_device_9_memory', join(path, 'tt_device_4_memory'));
    const entry = (id: bigint, special = false) => ({
      path: join(path, `tt_device_${id}_memory`),
      nameId: id,
      special,
    });
    assert.deepEqual(await listRegions(path, 10, deadline), {
      entries: [entry(3n, true), entry(4n, true), entry(9n), entry(10n), entry(18446744073709551615n)],
      more: false,
      late: false,
    });
    const { entries, more } = await listRegions(path, 4, deadline);
    assert.deepEqual([entries.length, more], [4, true]);
    assert.equal((await listRegions(path, 5, deadline)).more, false);
  });

  test('stops where the deadline has come, in a directory of very many files', async () => {
    const path = join(folder, 'many');
    mkdirSync(path);
    for (let index = 0; index < 600; index++) writeFileSync(join(path, `tt_device_${index}_memory`), '');
    const over = Deadline.after(0);
    const { entries, late } = await listRegions(path, 1000, over);
    assert.deepEqual([entries.length, late], [256, true]);
    assert.equal((await listRegions(path, 1000, deadline)).entries.length, 600);
  });

  test('of a directory that is not there throws what opendir throws', async () => {
    await assert.rejects(listRegions(join(folder, 'none'), 1, deadline), { code: 'ENOENT' });
  });
});
