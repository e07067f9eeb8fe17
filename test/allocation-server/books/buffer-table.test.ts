import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NONE } from '../../../src/allocation-server/books/buffer-pool.ts';
import { BufferTable } from '../../../src/allocation-server/books/buffer-table.ts';

const CHUNK = 4096;

function insert(table: BufferTable, owner: number, id: number, time: number): void {
  table.insert(table.find(owner, id, 0), owner, id, 0, { type: 1, count: id, size: 2 * id, time });
}

/** What is in the table of an owner's ids below `ids`: [count, size], or undefined where there is no such buffer. */
function contents(table: BufferTable, owner: number, ids: number): unknown[] {
  return Array.from({ length: ids }, (_, id) => {
    const at = table.find(owner, id, 0);
    return at === NONE ? undefined : [table.countOf(at), table.sizeOf(at)];
  });
}

describe('the table of buffers', () => {
  it('knows the oldest live buffer of an owner, in whatever order they go, however far their times are mixed', () => {
    const lives = fc.array(fc.record({ late: fc.nat(12), goes: fc.nat() }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(lives, (lives) => {
        const table = new BufferTable(2);
        // A buffer comes at most 12 places after its turn, as it can when threads send at the same time.
        const times = lives.map(({ late }, turn) => ({ turn, sent: turn + late })).sort((a, b) => a.sent - b.sent);
        for (const { turn } of times) insert(table, 1, turn, turn);
        const live = lives.map((_, turn) => turn);
        for (const { goes } of lives) {
          assert.deepEqual([...table.oldestTimes], [NaN, Math.min(...live)]);
          const [gone = NONE] = live.splice(goes % live.length, 1);
          table.remove(table.find(1, gone, 0));
        }
        assert.deepEqual([...table.oldestTimes, table.size], [NaN, NaN, 0]);
      }),
    );
  });

  it('keeps every buffer where it can be found while others are moved to give memory back', () => {
    const table = new BufferTable(2);
    const many = 20 * CHUNK;
    for (let id = 0; id < many; id++) insert(table, id % 2, id, id);
    const stays = (id: number): boolean => id % 100 < 2;
    for (let id = 0; id < many; id++) if (!stays(id)) table.remove(table.find(id % 2, id, 0));
    while (table.trim(100));
    for (const owner of [0, 1]) {
      const expected = Array.from({ length: many }, (_, id) =>
        stays(id) && id % 2 === owner ? [id, 2 * id] : undefined,
      );
      assert.deepEqual(contents(table, owner, many), expected);
    }
    assert.deepEqual([...table.oldestTimes], [0, 1]);
    assert.ok(table.places <= 2 * table.size + CHUNK, `${table.places} places for ${table.size} buffers`);
    for (const owner of [0, 1]) insert(table, owner, many + owner, many);
    const each = many / 100 + 1;
    for (const owner of [0, 1]) for (let left = each; left > 0; left--) assert.ok(table.removeOldest(owner));
    assert.deepEqual([table.size, ...table.oldestTimes], [0, NaN, NaN]);
  });

  it('keeps buffers of the same id in order while they are moved', () => {
    const table = new BufferTable(1);
    for (let id = 0; id < 4 * CHUNK; id++) insert(table, 0, id, id);
    for (const time of [1, 2, 3]) insert(table, 0, -1, 5 * CHUNK + time);
    for (let id = 0; id < 4 * CHUNK; id++) table.remove(table.find(0, id, 0));
    while (table.trim(1000));
    const times: number[] = [];
    for (let at = table.find(0, -1, 0); at !== NONE; at = table.older(at)) times.push(table.timeOf(at) - 5 * CHUNK);
    assert.deepEqual(times, [3, 2, 1]);
    assert.ok(table.places <= CHUNK + 6);
  });
});
