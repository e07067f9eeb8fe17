import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MixedNumbers } from '../../src/join/mixed-numbers.ts';
import { OpenedCards } from '../../src/join/opened-cards.ts';
import type { Joined } from '../../src/join/snapshot.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';
import { memory, server, serverDevice, serverProcess } from '../support/readings.ts';
import { devicesOf, FOUR, look, messages, seen } from './numbered-host.ts';
import type { Open, Reports } from './numbered-host.ts';

/** A process that reported device 0. */
const ENDED = {
  reportedPid: 1,
  hostPid: 7,
  comm: 'x',
  startTimeSeconds: 5,
  endedSeconds: 9,
  containerId: undefined,
  podUid: undefined,
  slurmJobId: undefined,
  unit: undefined,
  devices: [{ id: 0, peakBytes: memory({ dram: 100 }) }],
  regions: [],
};

describe('from one scrape to the next', () => {
  const open = { 0: [], 1: [], 2: [], 3: [7] };
  const reports = { 7: { 0: 100 } };
  const before = ['7@3: 100', '3: 100'];

  function twice(then: Open | undefined, cards: readonly Card[] = FOUR): string[] {
    const openedCards = new OpenedCards();
    assert.deepEqual(seen(look(FOUR, open, reports, { openedCards })), before);
    return seen(look(cards, then, reports, { openedCards }));
  }

  it('a process that ends, and has closed its card, stays where it was', () => {
    assert.deepEqual(twice({ 0: [], 1: [], 2: [], 3: [] }), before);
  });

  it('it stays there too while a list cannot be read, or none at all', () => {
    assert.deepEqual(twice({ 0: [], 2: [], 3: [7] }), before);
    assert.deepEqual(twice(undefined), before);
  });

  it('what is not known from before is left out meanwhile where it cannot be of the host', () => {
    const joined = look(FOUR, { 0: [], 2: [], 3: [7] }, reports);
    assert.deepEqual(messages(joined), ['unresolved_device: process 7 reports device 0']);
  });

  it('the numbers of a process do not move where a card has gone, and nobody has those of that card', () => {
    const openedCards = new OpenedCards();
    const all = { 0: [7], 1: [7], 2: [7], 3: [7] };
    const held = { 7: { 0: 1, 1: 2, 3: 4 } };
    assert.equal(seen(look(FOUR, all, held, { openedCards })).includes('7@3: 4'), true);
    const gone = FOUR.slice(1);
    const joined = look(gone, { 1: [7], 2: [7], 3: [7] }, held, { openedCards });
    assert.deepEqual(seen(joined), ['7@1: 2', '1: 2', '7@3: 4', '3: 4']);
    assert.deepEqual(messages(joined), ['unresolved_device: process 7 reports device 0']);
  });

  it('the peak of a process that has ended stays at the chips that it held, while the server tells of it', () => {
    const openedCards = new OpenedCards();
    const gone = { 0: [], 1: [], 2: [], 3: [] };
    const ended = ENDED;
    const peaks = (reported: Reports): unknown => {
      const allocationServer = server(devicesOf(reported, 4), { endedProcesses: [ended] });
      const joined = look(FOUR, gone, {}, { openedCards, allocationServer });
      return joined.snapshot.allocationServer?.endedProcesses.flatMap((each) => each.peaks);
    };
    const at = (device: string) => [{ device, type: 'dram', bytes: 100 }];
    look(FOUR, open, reports, { openedCards });
    assert.deepEqual([peaks({}), peaks({})], [at('3'), at('3')]);
    // Another one has the PID now.
    const other = serverDevice(1, {}, { processes: [serverProcess(7, { dram: 1 }, { startTimeSeconds: 60 })] });
    const allocationServer = server([other], { endedProcesses: [ended] });
    const joined = look(FOUR, { 0: [], 1: [7], 2: [], 3: [] }, {}, { openedCards, allocationServer });
    assert.deepEqual(joined.snapshot.allocationServer?.endedProcesses[0]?.peaks, at('3'));
  });

  it('the peak of one that was never seen is left out where its number is known to be of several chips', () => {
    const parts = { openedCards: new OpenedCards(), mixedNumbers: new MixedNumbers() };
    const brief = { ...ENDED, hostPid: 99 };
    const peaks = (): unknown => {
      const allocationServer = server(devicesOf({}, 4), { endedProcesses: [brief] });
      return look(FOUR, open, {}, { ...parts, allocationServer }).snapshot.allocationServer?.endedProcesses[0]?.peaks;
    };
    assert.deepEqual(peaks(), [{ device: '0', type: 'dram', bytes: 100 }]);
    look(FOUR, open, reports, parts);
    assert.deepEqual(peaks(), []);
  });

  it('what the server has counted by a number that was of several chips stays hidden, until it starts anew', () => {
    const parts = { openedCards: new OpenedCards(), mixedNumbers: new MixedNumbers() };
    const gone = { 0: [], 1: [], 2: [], 3: [] };
    look(FOUR, open, reports, parts);
    const peaks = (joined: Joined) => joined.snapshot.devices.map((each) => each.memory?.peakBytes?.dram);
    assert.deepEqual(peaks(look(FOUR, gone, {}, parts)), [undefined, 999, 999, undefined]);
    const allocationServer = server(devicesOf({}, 4), { startTimeSeconds: 500 });
    assert.deepEqual(peaks(look(FOUR, gone, {}, { ...parts, allocationServer })), [999, 999, 999, 999]);
  });

  it('the server may know of nobody for a while: who still has cards open is remembered', () => {
    const openedCards = new OpenedCards();
    const held = { 7: { 0: 1, 1: 2, 3: 4 } };
    look(FOUR, { 0: [7], 1: [7], 2: [7], 3: [7] }, held, { openedCards });
    const left = FOUR.slice(1);
    const rest = { 1: [7], 2: [7], 3: [7] };
    look(left, rest, {}, { openedCards });
    assert.deepEqual(seen(look(left, rest, held, { openedCards })), ['7@1: 2', '1: 2', '7@3: 4', '3: 4']);
  });

  it('a card that is open beside the others for one scrape changes nothing', () => {
    const openedCards = new OpenedCards();
    const rounds = [open, { 0: [7], 1: [], 2: [], 3: [7] }, open].map((now, at) =>
      seen(look(FOUR, now, reports, { openedCards, takenAtSeconds: at })),
    );
    assert.deepEqual(rounds, [before, before, before]);
  });

  it('what is open anew after all was closed is counted anew', () => {
    const openedCards = new OpenedCards();
    const all = { 0: [7], 1: [7], 2: [7], 3: [7] };
    const rounds = [all, { 0: [], 1: [], 2: [], 3: [] }, open].map((now) =>
      seen(look(FOUR, now, reports, { openedCards })),
    );
    assert.deepEqual(rounds, [['7@0: 100', '0: 100'], ['7@0: 100', '0: 100'], before]);
  });

  it('another process with the same PID is another one', () => {
    const openedCards = new OpenedCards();
    look(FOUR, { 0: [7], 1: [7], 2: [7], 3: [7] }, reports, { openedCards });
    const device = serverDevice(
      0,
      { dram: 5 },
      { processes: [serverProcess(7, { dram: 5 }, { startTimeSeconds: 60 })] },
    );
    const joined = look(FOUR, open, {}, { openedCards, allocationServer: server([device]) });
    assert.deepEqual(seen(joined), ['7@3: 5', '3: 5']);
  });

  it('one that opens other cards, and still has them at the next scrape, counts those', () => {
    const openedCards = new OpenedCards();
    const others = { 0: [], 1: [7], 2: [7], 3: [] };
    const rounds = [open, others, others].map((now, at) =>
      seen(look(FOUR, now, reports, { openedCards, takenAtSeconds: at })),
    );
    assert.deepEqual(rounds, [before, before, ['7@1: 100', '1: 100']]);
  });
});

it('what is told is told of the chip that the process has, whatever happens to lists and cards', () => {
  const round = fc.record({
    unread: fc.subarray([0, 1, 2, 3]),
    gone: fc.option(fc.constantFrom(0, 1, 2, 3), { nil: undefined, freq: 4 }),
    empty: fc.boolean(),
    ends: fc.subarray([1, 2, 3]),
  });
  const sets = fc.array(fc.subarray([0, 1, 2, 3], { minLength: 1 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(sets, fc.array(round, { minLength: 1, maxLength: 6 }), (counted, rounds) => {
      const parts = { openedCards: new OpenedCards(), mixedNumbers: new MixedNumbers() };
      // Each holds something of a size of its own on each of its chips, under the number that it has for it.
      const bytesOf = (pid: number, index: number): number => 100 * pid + index;
      const reports = Object.fromEntries(
        counted.map((cards, at) => [
          at + 1,
          Object.fromEntries(cards.map((index, number) => [number, bytesOf(at + 1, index)])),
        ]),
      );
      const ended = new Set<number>();
      rounds.forEach(({ unread, gone, empty, ends }, at) => {
        // All of them are seen once as they are: of whom nobody has seen that, less is known.
        const isFirst = at === 0;
        if (!isFirst) for (const pid of ends) ended.add(pid);
        const cards = isFirst ? FOUR : FOUR.filter(({ index }) => index !== gone);
        const open = Object.fromEntries(
          cards
            .filter(({ index }) => isFirst || !unread.includes(index))
            .map(({ index }) => [
              index,
              counted.flatMap((held, pid) => (held.includes(index) && !ended.has(pid + 1) ? [pid + 1] : [])),
            ]),
        );
        const joined = look(cards, open, empty && !isFirst ? {} : reports, { ...parts, takenAtSeconds: at });
        for (const { label, memory: held } of joined.snapshot.devices) {
          for (const { pid, bytes } of held?.processes ?? []) {
            assert.equal(bytes.dram, bytesOf(Number(pid), Number(label)), `process ${pid} at ${label} in round ${at}`);
          }
        }
      });
    }),
  );
});
