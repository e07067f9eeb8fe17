import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createGalaxyLoad, FIRST_LOAD_PID } from '../../src/simulator/galaxy-load.ts';

describe('the load of a Galaxy', () => {
  it('fills every slot of every region, and each process holds every region and device', async (t) => {
    const host = await createGalaxyLoad({ bootTime: 1_767_225_600 });
    t.after(() => host.close());
    const pids = Array.from({ length: 64 }, (_, i) => FIRST_LOAD_PID + 37 * i);
    for (const chip of host.chips) {
      const region = readFileSync(host.regionPath(chip.logicalId));
      assert.deepEqual(
        pids.map((_, slot) => region.readInt32LE(856 + 120 * slot)),
        pids,
      );
      const sum = pids.reduce((bytes, _, slot) => bytes + region.readBigUInt64LE(864 + 120 * slot), 0n);
      assert.equal(region.readBigUInt64LE(48), sum);
      assert.ok(sum < 12n * 2n ** 30n);
    }
    for (const card of host.cards) {
      const path = join(host.procfs, 'driver/tenstorrent', String(card.driverIndex), 'pids');
      assert.deepEqual(readFileSync(path, 'utf8').trimEnd().split('\n').map(Number), pids);
    }
    const regions = new Set(host.chips.map((chip) => statSync(host.regionPath(chip.logicalId)).ino));
    for (const pid of pids) {
      const folder = join(host.procfs, String(pid), 'fd');
      const held = readdirSync(folder).map((fd) => statSync(join(folder, fd), { throwIfNoEntry: false })?.ino);
      assert.equal(held.filter((ino) => ino !== undefined && regions.has(ino)).length, 32);
    }
  });

  it('can be smaller, and says what it cannot be', async (t) => {
    const host = await createGalaxyLoad({ chips: 2, processes: 3 });
    t.after(() => host.close());
    assert.equal(readdirSync(host.shm).length, 2);
    assert.equal(readdirSync(host.procfs).filter((name) => /^\d/.test(name)).length, 3);
    await assert.rejects(createGalaxyLoad({ processes: 65 }), /processes is 65: give a whole number from 0 to 64/);
  });
});
