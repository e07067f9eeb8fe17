import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
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
    for (const open of [all, undefined, {}, { 0: [], 1: [], 2: [], 3: [] }, { 1: [] }]) {
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
    const ended = {
      reportedPid: 1,
      hostPid: 7,
      comm: 'x',
      endedSeconds: 9,
      containerId: undefined,
      podUid: undefined,
      slurmJobId: undefined,
      unit: undefined,
      devices: [{ id: 0, peakBytes: memory({ dram: 100 }) }],
      regions: [],
    };
    const peaks = (reported: Reports): unknown => {
      const allocationServer = server(devicesOf(reported, 4), { endedProcesses: [ended] });
      const joined = look(FOUR, gone, {}, { openedCards, allocationServer });
      return joined.snapshot.allocationServer?.endedProcesses.flatMap((each) => each.peaks);
    };
    const [known, taken] = ['3', '0'].map((device) => [{ device, type: 'dram', bytes: 100 }]);
    look(FOUR, open, reports, { openedCards });
    assert.deepEqual([peaks({}), peaks({})], [known, known]);
    // Another one has the PID now.
    assert.deepEqual(peaks({ 7: { 1: 1 } }), taken);
  });

  it('another process with the same PID is another one', () => {
    const openedCards = new OpenedCards();
    look(FOUR, { 0: [7], 1: [7], 2: [7], 3: [7] }, reports, { openedCards });
    const device = serverDevice(
      0,
      { dram: 5 },
      { processes: [serverProcess(7, { dram: 5 }, { startTimeSeconds: 6 })] },
    );
    const joined = look(FOUR, open, {}, { openedCards, allocationServer: server([device]) });
    assert.deepEqual(seen(joined), ['7@3: 5', '3: 5']);
  });

  it('one that opens other cards counts those', () => {
    assert.deepEqual(twice({ 0: [], 1: [7], 2: [7], 3: [] }), ['7@1: 100', '1: 100']);
  });
});

it('no byte is lost or counted twice: what is shown and what is left out is what was reported', () => {
  const cards = fc.integer({ min: 1, max: 4 });
  const process = fc.record({
    open: fc.uniqueArray(fc.integer({ min: 0, max: 3 })),
    numbers: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.integer({ min: 0, max: 1000 })),
  });
  fc.assert(
    fc.property(cards, fc.array(process, { maxLength: 6 }), (count, processes) => {
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
