import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MixedNumbers } from '../../src/join/mixed-numbers.ts';
import { OpenedCards } from '../../src/join/opened-cards.ts';
import { joinSnapshot } from '../../src/join/snapshot.ts';
import type { JoinInputs } from '../../src/join/inputs.ts';
import type { Joined } from '../../src/join/snapshot.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';
import type { ServerDevice } from '../../src/sources/allocation-server/types.ts';
import { joinInputs } from '../support/join-inputs.ts';
import { card, memory, procfs, server, serverDevice, serverProcess } from '../support/readings.ts';

const FOUR = [0, 1, 2, 3].map((index) => card({ index, driverIndex: 3 - index }));
const CAPACITY = { dramBytes: 32e9, l1Bytes: 180e6, l1BytesPerCore: 1536 * 1024, arch: 'blackhole' } as const;

/** Reports by PID, then by device number: bytes of DRAM. */
type Reports = Readonly<Record<number, Readonly<Record<number, number>>>>;

function devicesOf(reports: Reports, count: number): ServerDevice[] {
  return Array.from({ length: count }, (_, id) => {
    const processes = Object.entries(reports).flatMap(([pid, numbers]) => {
      const dram = numbers[id];
      return dram === undefined ? [] : [serverProcess(Number(pid), { dram }, { startTimeSeconds: 5 })];
    });
    const dram = processes.reduce((sum, { bytes }) => sum + (bytes.dram ?? 0), 0);
    return serverDevice(
      id,
      { dram },
      { processes, capacity: CAPACITY, peakBytes: memory({ dram: 999 }), lastUpdateSeconds: 77 },
    );
  });
}

/** PIDs by index of the card that they have open; a card that is left out has a list that cannot be read. */
type Open = Readonly<Record<number, readonly number[]>>;

function look(
  cards: readonly Card[],
  open: Open | undefined,
  reports: Reports,
  part: Partial<JoinInputs> = {},
): Joined {
  const devices = Object.entries(open ?? {}).flatMap(([index, pids]) => {
    const number = cards.find((each) => each.index === Number(index))?.driverIndex;
    return number === undefined ? [] : [[number, pids] as const];
  });
  return joinSnapshot(
    joinInputs({
      sysfs: { driverVersion: '2.10.0', cards },
      procfs: open === undefined ? undefined : procfs({ devices: Object.fromEntries(devices) }),
      allocationServer: server(devicesOf(reports, 4)),
      ...part,
    }),
  );
}

/** `pid@device: bytes` of every process, and `device: bytes` of every total that is not 0. */
function seen({ snapshot }: Joined): string[] {
  return snapshot.devices.flatMap(({ label, memory: held }) => [
    ...(held?.processes ?? []).map(({ pid, bytes }) => `${pid}@${label}: ${bytes.dram ?? ''}`),
    ...(held?.totals.dram === 0 || held === undefined ? [] : [`${label}: ${held.totals.dram ?? ''}`]),
  ]);
}

const states = ({ snapshot }: Joined): unknown[] =>
  snapshot.devices.map(({ trackers }) => trackers.find(({ source }) => source === 'allocation_server')?.state);

const messages = ({ errors }: Joined) =>
  errors.map(({ reason, message }) => `${reason}: ${message.split(',')[0] ?? ''}`);

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
