import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MixedNumbers } from '../../src/join/mixed-numbers.ts';
import { OpenedCards } from '../../src/join/opened-cards.ts';
import { card, memory, procfs } from '../support/readings.ts';
import { FOUR, look, messages, seen, states } from './numbered-host.ts';
import type { Open, Reports } from './numbered-host.ts';

describe('the device numbers of a process', () => {
  it('are those of the host where it has every card open, or where nobody knows what it has open', () => {
    const all = { 0: [7], 1: [7], 2: [7], 3: [7] };
    for (const open of [all, undefined, {}, { 0: [], 1: [], 2: [], 3: [] }]) {
      assert.deepEqual(seen(look(FOUR, open, { 7: { 0: 10, 2: 30 } })), ['7@0: 10', '0: 10', '7@2: 30', '2: 30']);
    }
  });

  it('count only what it has open, in order of PCI address: a container with one chip calls it 0', () => {
    const joined = look(FOUR, { 0: [], 1: [8, 9], 2: [8], 3: [7] }, { 7: { 0: 100 }, 8: { 0: 20, 1: 3 } });
    assert.deepEqual(seen(joined), ['8@1: 20', '1: 20', '8@2: 3', '2: 3', '7@3: 100', '3: 100']);
    assert.deepEqual(joined.errors, []);
  });

  it('are added to those of others on the same chip, and taken from the number that they had', () => {
    const reports = { 7: { 0: 100 }, 8: { 0: 5, 1: 6, 2: 7, 3: 8 } };
    const joined = look(FOUR, { 0: [8], 1: [8], 2: [8], 3: [8, 7] }, reports);
    assert.deepEqual(seen(joined), [
      '8@0: 5',
      '0: 5',
      '8@1: 6',
      '1: 6',
      '8@2: 7',
      '2: 7',
      '8@3: 8',
      '7@3: 100',
      '3: 108',
    ]);
  });

  it('leave no history that the server has kept by number, but what the cards have', () => {
    const [first] = look(FOUR, { 0: [8], 1: [], 2: [], 3: [7] }, { 7: { 0: 100 }, 8: { 0: 5 } }).snapshot.devices;
    assert.equal(first?.memory?.peakBytes, undefined);
    assert.equal(first?.trackers.find(({ source }) => source === 'allocation_server')?.lastUpdateSeconds, undefined);
    const [usual] = look(FOUR, undefined, { 8: { 0: 5 } }).snapshot.devices;
    assert.deepEqual(usual?.memory?.peakBytes, memory({ dram: 999 }));
    assert.deepEqual(first?.capacity, usual.capacity);
    assert.equal(first.capacity.source, 'allocation_server');
  });

  it('are left out, and that is said, where they can be those of the host and its own', () => {
    const joined = look(FOUR, { 0: [], 1: [7], 2: [7], 3: [] }, { 7: { 1: 100 } });
    assert.deepEqual(seen(joined), []);
    assert.deepEqual(messages(joined), ['unresolved_device: process 7 reports device 1']);
    // One of the two has more than the server's number says.
    assert.deepEqual(states(joined), ['idle', 'partial', 'partial', 'idle']);
    // Of the first card both are the same.
    assert.deepEqual(seen(look(FOUR, { 0: [7], 1: [], 2: [], 3: [] }, { 7: { 0: 1 } })), ['7@0: 1', '0: 1']);
  });

  it('are left out where the host has no such number, but may be of a remote chip where it has one', () => {
    const open = { 0: [], 1: [], 2: [], 3: [7] };
    assert.deepEqual(messages(look(FOUR.slice(0, 3), open, { 7: { 3: 9 } })), []);
    const gone = { 1: [7], 2: [], 3: [] };
    assert.deepEqual(messages(look(FOUR.slice(1), gone, { 7: { 3: 9 } })), [
      'unresolved_device: process 7 reports device 3',
    ]);
    const withRemote = [...FOUR.slice(1, 3), card({ index: 3, board: 'n300', serial: 1n << 32n })];
    assert.deepEqual(messages(look(withRemote, gone, { 7: { 3: 9 } })), []);
  });

  it('are left out where they can be neither', () => {
    const joined = look(FOUR, { 0: [], 1: [7], 2: [], 3: [] }, { 7: { 0: 1, 3: 9 } });
    assert.deepEqual(messages(joined), [
      'unresolved_device: process 7 reports device 0',
      'unresolved_device: process 7 reports device 3',
    ]);
    assert.deepEqual(seen(joined), []);
  });

  it('are those of the host where they can be nothing else', () => {
    assert.deepEqual(seen(look(FOUR, { 0: [], 1: [], 2: [], 3: [7] }, { 7: { 3: 9 } })), ['7@3: 9', '3: 9']);
  });

  it('of hundreds that cannot be told are said in a few messages', () => {
    const pids = Array.from({ length: 300 }, (_, index) => index + 1);
    const joined = look(
      FOUR,
      { 0: [], 1: pids, 2: pids, 3: [] },
      Object.fromEntries(pids.map((pid) => [pid, { 1: 1 }])),
    );
    assert.equal(joined.errors.length, 17);
    assert.equal(messages(joined).at(-1), 'unresolved_device: 284 more reports of devices');
  });

  it('mean the second chip of the only n300 that it has open, and of several nobody knows which', () => {
    const n300s = [0, 1].map((index) => card({ index, board: 'n300', serial: BigInt(index + 1) << 32n }));
    assert.deepEqual(seen(look(n300s, { 0: [], 1: [7] }, { 7: { 0: 1, 1: 2 } })), [
      '7@1: 1',
      '1: 1',
      '7@1R: 2',
      '1R: 2',
    ]);
    const three = [...n300s, card({ index: 2, board: 'n300', serial: 9n << 32n })];
    const joined = look(three, { 0: [], 1: [7], 2: [7] }, { 7: { 0: 1, 2: 2 } });
    assert.deepEqual(messages(joined), ['unresolved_device: process 7 reports device 2']);
    assert.deepEqual(seen(joined), ['7@1: 1', '1: 1']);
  });
});

describe('where lists cannot be read, what all that is possible agrees in is told', () => {
  const cases: readonly (readonly [string, Open, Reports[number], readonly string[]])[] = [
    ['its own first card, whatever it has behind it', { 0: [], 1: [7], 2: [] }, { 0: 5 }, ['7@1: 5', '1: 5']],
    ['not where it may have one before it', { 1: [], 2: [], 3: [7] }, { 0: 5 }, []],
    [
      'the last number of all, which only who has all can have',
      { 0: [7], 1: [7], 3: [7] },
      { 3: 5 },
      ['7@3: 5', '3: 5'],
    ],
    ['the only card that it can have', { 0: [], 1: [], 2: [] }, { 0: 5 }, ['7@3: 5', '3: 5']],
    ['nothing where it can have either of two', { 0: [], 1: [] }, { 0: 5 }, []],
  ];
  for (const [name, open, numbers, expected] of cases) {
    it(name, () => {
      assert.deepEqual(seen(look(FOUR, open, { 7: numbers })), expected);
    });
  }

  it('a driver that lists nobody is no obstacle where all processes were looked through', () => {
    const reading = { ...procfs({ devices: { 0: [7] } }), allDevices: true };
    // The driver's number 0 is the last card's.
    assert.deepEqual(seen(look(FOUR, undefined, { 7: { 0: 5 } }, { procfs: reading })), ['7@3: 5', '3: 5']);
  });

  it('who is in no list, and young, may have opened a card since the lists were read', () => {
    const nobody = { 0: [], 1: [], 2: [], 3: [] };
    const at = (takenAtSeconds: number) => seen(look(FOUR, nobody, { 7: { 0: 5 } }, { takenAtSeconds }));
    assert.deepEqual([at(6), at(100)], [[], ['7@0: 5', '0: 5']]);
  });

  it('of one card there is one way to count', () => {
    const young = look(FOUR.slice(0, 1), { 0: [] }, { 7: { 0: 5 } }, { takenAtSeconds: 6 });
    assert.deepEqual(seen(young), ['7@0: 5', '0: 5']);
  });

  it('what cannot be told for a scrape hides what the server has counted for that scrape alone', () => {
    const parts = { openedCards: new OpenedCards(), mixedNumbers: new MixedNumbers() };
    const nobody = { 0: [], 1: [], 2: [], 3: [] };
    const peak = (takenAtSeconds: number) =>
      look(FOUR, nobody, { 7: { 0: 5 } }, { ...parts, takenAtSeconds }).snapshot.devices[0]?.memory?.peakBytes?.dram;
    assert.deepEqual([peak(6), peak(100)], [undefined, 999]);
  });

  it('who is in no list has a card that somebody unseen has open', () => {
    assert.deepEqual(seen(look(FOUR, { 0: [], 1: [], 2: [0], 3: [] }, { 7: { 0: 5 } })), ['7@2: 5', '2: 5']);
    assert.deepEqual(seen(look(FOUR, { 0: [], 1: [0], 2: [0], 3: [] }, { 7: { 0: 5 } })), []);
  });
});

it('no byte is lost or counted twice: what is shown and what is left out is what was reported', () => {
  const cards = fc.integer({ min: 1, max: 4 });
  const process = fc.record({
    open: fc.uniqueArray(fc.integer({ min: 0, max: 3 })),
    numbers: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.integer({ min: 0, max: 1000 })),
  });
  fc.assert(
    fc.property(cards, fc.array(process, { maxLength: 4 }), (count, processes) => {
      const reports = Object.fromEntries(processes.map(({ numbers }, at) => [at + 1, numbers]));
      const open = Object.fromEntries(
        FOUR.slice(0, count).map(({ index }) => [
          index,
          processes.flatMap((each, at) => (each.open.includes(index) ? [at + 1] : [])),
        ]),
      );
      const joined = look(FOUR.slice(0, count), open, reports);
      const said = new Set(
        joined.errors.map(({ message }) => /process (\d+) reports device (\d+)/u.exec(message)?.[0]),
      );
      const left = processes.flatMap(({ numbers }, at) =>
        Object.entries(numbers).flatMap(([id, bytes]) =>
          said.has(`process ${at + 1} reports device ${id}`) ? [bytes] : [],
        ),
      );
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      const all = sum(processes.flatMap(({ numbers }) => Object.values(numbers)));
      const { devices } = joined.snapshot;
      const totals = sum(devices.map((device) => device.memory?.totals.dram ?? 0));
      const parts = sum(
        devices.flatMap((device) => (device.memory?.processes ?? []).map(({ bytes }) => bytes.dram ?? 0)),
      );
      assert.equal(totals + sum(left), all);
      assert.equal(parts, totals);
    }),
  );
});
