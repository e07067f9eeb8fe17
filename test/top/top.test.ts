import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { viewOfSnapshot } from '../../src/host-view/from-snapshot.ts';
import type { HostView } from '../../src/host-view/types.ts';
import type { Snapshot } from '../../src/snapshot/snapshot.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../src/terminal/glyphs.ts';
import { lineWidth, plainText } from '../../src/terminal/spans.ts';
import { GrowthBook } from '../../src/top/growth-book.ts';
import { HistoryBook } from '../../src/top/history-book.ts';
import { sortRows, topRows } from '../../src/top/top-rows.ts';
import { topScreen } from '../../src/top/top-screen.ts';
import { afterKey, FIRST_STATE, KEY_HELP } from '../../src/top/top-state.ts';
import { bareDevice, bareMemory, bareProcess, bareSnapshot, memoryOf, richSnapshot } from '../support/rich-snapshot.ts';

const MIB = 2 ** 20;

/** Chips 0 and 1, with processes that hold so many MiB on each, by pid. */
function viewAt(
  takenAtSeconds: number,
  mebibytes: Readonly<Record<string, number>>,
  known: Partial<Snapshot> = {},
): HostView {
  const held = Object.entries(mebibytes);
  const device = (label: string) =>
    bareDevice(label, {
      capacity: {
        dramBytes: 100 * MIB,
        l1Bytes: undefined,
        l1AllocatableBytes: undefined,
        source: undefined,
        cores: undefined,
      },
      memory: bareMemory({
        totals: memoryOf({ dram: held.reduce((sum, [, part]) => sum + part * MIB, 0) }),
        processes: held.map(([pid, part]) => ({ pid, bytes: memoryOf({ dram: part * MIB }), detail: undefined })),
      }),
    });
  return viewOfSnapshot(
    bareSnapshot({
      takenAtSeconds,
      devices: [device('0'), device('1')],
      processes: held.map(([pid]) => bareProcess(pid, { comm: `comm${pid}`, startTimeSeconds: 1000 + Number(pid) })),
      ...known,
    }),
  );
}

function growthOf(views: readonly HostView[]): (number | undefined)[] {
  const book = new GrowthBook();
  for (const view of views) book.add(view);
  const last = views.at(-1);
  return last === undefined
    ? []
    : topRows(last, book).map(({ growth }) => (growth === undefined ? undefined : growth / MIB));
}

describe('growth', () => {
  it('is by the minute, over all chips, of the last minute', () => {
    assert.deepEqual(growthOf([viewAt(0, { 1: 10 })]), [undefined]);
    assert.deepEqual(growthOf([viewAt(0, { 1: 10, 2: 5 }), viewAt(30, { 1: 20, 2: 4 })]), [40, -4]);
    const slow = Array.from({ length: 13 }, (_, i) => viewAt(i * 10, { 1: i < 6 ? 99 : 10 + i }));
    assert.deepEqual(growthOf(slow), [12]);
  });

  it('does not take a PID that is used again for the process before', () => {
    const again = viewAt(30, { 1: 90 }, { processes: [bareProcess('1', { startTimeSeconds: 5000 })] });
    assert.deepEqual(growthOf([viewAt(0, { 1: 10 }), again]), [undefined]);
  });
});

describe('history', () => {
  it('has a share for each look, and a gap where nothing was known', () => {
    const book = new HistoryBook();
    for (const view of [viewAt(0, { 1: 10 }), viewAt(1, { 1: 30 })]) book.add(view);
    book.add(viewOfSnapshot(bareSnapshot({ devices: [bareDevice('0')] })));
    assert.deepEqual([book.shares('0'), book.shares('1'), book.shares('2')], [[0.1, 0.3, undefined], [0.1, 0.3], []]);
    for (let i = 0; i < 500; i++) book.add(viewAt(i, { 1: 1 }));
    assert.equal(book.shares('0').length, 120);
  });
});

describe('rows', () => {
  const rows = topRows(viewAt(2000, { 12: 5, 9: 7, 100: 6 }), new GrowthBook());
  const order = (...args: [Parameters<typeof sortRows>[1], boolean?]) =>
    sortRows(rows, args[0], args[1] ?? false).map(({ process }) => process.pid);

  it('are sorted by each key, both ways, and what is not known comes last', () => {
    assert.deepEqual(order('dram'), ['9', '100', '12']);
    assert.deepEqual(order('dram', true), ['12', '100', '9']);
    assert.deepEqual(order('pid'), ['9', '12', '100']);
    assert.deepEqual(order('name'), ['100', '12', '9']);
    assert.deepEqual(order('age'), ['9', '12', '100']);
    assert.deepEqual(order('l1'), ['9', '12', '100']);
    const mixed = [
      ...rows.map((row) => ({ ...row, growth: row.dram })),
      { ...rows[0], growth: undefined },
    ] as typeof rows;
    assert.equal(sortRows(mixed, 'growth', true).at(-1)?.growth, undefined);
  });

  it('have the sum over chips, and whether it is all orphaned or silent', () => {
    const view = viewOfSnapshot(richSnapshot());
    for (const row of topRows(view, new GrowthBook())) {
      const parts = row.process.chips.map(({ bytes }) => bytes.dram ?? 0);
      assert.equal(
        row.bytes.dram ?? 0,
        parts.reduce((sum, part) => sum + part, 0),
      );
    }
  });
});

describe('keys', () => {
  const extent = { processes: 10, chips: 2, page: 4 };
  const press = (...keys: string[]) => keys.reduce((state, key) => afterKey(state, key, extent), FIRST_STATE);

  it('sort, and sort the other way round the second time', () => {
    const sorts = ['d', 'l', 'g', 'a', 'p', 'n'].map((key) => press(key).sort);
    assert.deepEqual(sorts, ['dram', 'l1', 'growth', 'age', 'pid', 'name']);
    assert.deepEqual([press('g').reverse, press('g', 'g').reverse, press('g', 'g', 'g').reverse], [false, true, false]);
    assert.equal(press('r').reverse, true);
  });

  it('scroll within the lists', () => {
    const offsets = [
      ['DOWN'],
      ['UP'],
      ['PAGE_DOWN', 'DOWN'],
      ['END'],
      ['END', 'HOME'],
      ['END', 'PAGE_UP'],
      ['j', 'j', 'k'],
    ];
    assert.deepEqual(
      offsets.map((keys) => press(...keys).processOffset),
      [1, 0, 5, 10, 0, 6, 1],
    );
    assert.deepEqual(
      [['RIGHT', 'RIGHT', 'RIGHT'], ['LEFT']].map((keys) => press(...keys).chipOffset),
      [2, 0],
    );
  });

  it('pause and end, and others do nothing', () => {
    assert.deepEqual([press(' ').paused, press(' ', ' ').paused], [true, false]);
    assert.deepEqual(
      ['q', 'ESCAPE', 'CTRL_C'].map((key) => press(key).ending),
      [true, true, true],
    );
    assert.deepEqual(press('x', 'F1', 'constructor', '__proto__'), FIRST_STATE);
  });

  it('are shown on 80 columns', () => {
    assert.ok(KEY_HELP.length <= 80);
  });
});

describe('the screen of top', () => {
  it('fits any size, whatever is on it', () => {
    const views = [
      viewAt(0, {}),
      viewAt(0, { 1: 10, 2: 20 }),
      viewOfSnapshot(richSnapshot()),
      viewOfSnapshot(bareSnapshot()),
    ];
    const scenes = views.map((view) => ({
      ...{
        view,
        head: { version: '1', host: 'h' },
        growth: new GrowthBook(),
        history: new HistoryBook(),
        problem: undefined,
      },
    }));
    fc.assert(
      fc.property(
        fc.constantFrom(...scenes),
        fc.integer({ min: 1, max: 220 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat({ max: 100 }),
        (scene, width, height, offset) => {
          const state = { ...FIRST_STATE, processOffset: offset, chipOffset: offset };
          const { lines } = topScreen(scene, state, { width, height, glyphs: ASCII_GLYPHS });
          return lines.length === height && lines.every((line) => lineWidth(line) <= width);
        },
      ),
    );
  });

  it('says why the last look gave nothing, and keeps what was there', () => {
    const scene = {
      view: viewAt(0, { 7: 10 }),
      head: { version: '1', host: 'h' },
      growth: new GrowthBook(),
      history: new HistoryBook(),
    };
    const size = { width: 80, height: 20, glyphs: UNICODE_GLYPHS };
    const text = topScreen({ ...scene, problem: 'no answer' }, FIRST_STATE, size).lines.map(plainText);
    assert.ok(text.includes('no answer'));
    assert.ok(text.some((line) => line.includes('comm7')));
  });
});
