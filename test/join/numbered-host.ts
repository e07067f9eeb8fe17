import { joinSnapshot } from '../../src/join/snapshot.ts';
import type { JoinInputs } from '../../src/join/inputs.ts';
import type { Joined } from '../../src/join/snapshot.ts';
import type { Card } from '../../src/sources/sysfs/types.ts';
import type { ServerDevice } from '../../src/sources/allocation-server/types.ts';
import { joinInputs } from '../support/join-inputs.ts';
import { card, memory, procfs, server, serverDevice, serverProcess } from '../support/readings.ts';

/** Cards of one chip each, numbered by the driver the other way round. */
export const FOUR = [0, 1, 2, 3].map((index) => card({ index, driverIndex: 3 - index }));
const CAPACITY = { dramBytes: 32e9, l1Bytes: 180e6, l1BytesPerCore: 1536 * 1024, arch: 'blackhole' } as const;

/** Reports by PID, then by device number: bytes of DRAM. */
export type Reports = Readonly<Record<number, Readonly<Record<number, number>>>>;

/** What a server says of so many numbers, each with a peak and a last update of its own. */
export function devicesOf(reports: Reports, count: number): ServerDevice[] {
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
export type Open = Readonly<Record<number, readonly number[]>>;

/** The join of cards, of who has which open (undefined: no procfs), and of what the processes report. */
export function look(
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
export function seen({ snapshot }: Joined): string[] {
  return snapshot.devices.flatMap(({ label, memory: held }) => [
    ...(held?.processes ?? []).map(({ pid, bytes }) => `${pid}@${label}: ${bytes.dram ?? ''}`),
    ...(held?.totals.dram === 0 || held === undefined ? [] : [`${label}: ${held.totals.dram ?? ''}`]),
  ]);
}

/** What the server is worth as a tracker of each chip. */
export const states = ({ snapshot }: Joined): unknown[] =>
  snapshot.devices.map(({ trackers }) => trackers.find(({ source }) => source === 'allocation_server')?.state);

/** Reasons and the first words of every error. */
export const messages = ({ errors }: Joined) =>
  errors.map(({ reason, message }) => `${reason}: ${message.split(',')[0] ?? ''}`);
