import { readFile } from 'node:fs/promises';
import { CapacityConfigError, parseCapacityConfig } from '../capacity/config.ts';
import type { CapacityConfig } from '../capacity/config.ts';
import { deviceCapacity } from '../capacity/device-capacity.ts';
import { hasTwoChips } from '../capacity/two-chip-boards.ts';
import { Deadline } from '../collect/deadline.ts';
import { createLaneReader } from '../io/lane-reader.ts';
import { errorText } from '../log/log.ts';
import { createSysfsSource } from '../sources/sysfs/source.ts';
import type { Card, SysfsReading } from '../sources/sysfs/types.ts';
import type { DeviceFacts } from './books/types.ts';

const READ_MS = 5000;

/** Reads the capacity file. Throws CapacityConfigError. */
export async function readCapacityConfig(file: string | undefined): Promise<CapacityConfig | undefined> {
  if (file === undefined) return undefined;
  try {
    return parseCapacityConfig(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof CapacityConfigError) throw error;
    throw new CapacityConfigError(`--capacity.config.file cannot be read: ${errorText(error)}`, { cause: error });
  }
}

/** The cards below sysfs; undefined where they could not be read. No device is opened. */
export async function readCards(sysfsPath: string): Promise<readonly Card[] | undefined> {
  const lanes = createLaneReader({ thread: false });
  const source = createSysfsSource({ path: sysfsPath, lanes });
  const deadline = Deadline.after(READ_MS);
  try {
    const run = source.start({ deadline, wantedFiles: Promise.resolve([]) });
    await run.done;
    const reading: SysfsReading | undefined = run.state().data;
    return reading?.cards;
  } finally {
    deadline.dispose();
    await source.close();
    await lanes.close();
  }
}

/**
 * What is known of the devices by TT-Metal's logical id: the chips on PCIe in order of address, then the second chips of
 * two-chip boards, as far as all of these boards are alike (which of them comes first is not known).
 */
export function devicesOf(
  cards: readonly Card[],
  config: CapacityConfig | undefined,
): ReadonlyMap<number, DeviceFacts> {
  const local = cards.filter(({ driverIndex }) => driverIndex !== undefined).map((card) => factsOf(card, config));
  const remote = cards
    .filter(({ driverIndex, board }) => driverIndex !== undefined && hasTwoChips(board))
    .map((card) => factsOf(card, config));
  const [first] = remote;
  const alike = remote.every((facts) => JSON.stringify(facts) === JSON.stringify(first));
  return new Map([...local, ...(alike ? remote : [])].entries());
}

function factsOf(card: Card, config: CapacityConfig | undefined): DeviceFacts {
  const facts = {
    board: card.board,
    arch: card.arch,
    firmwareBundle: card.firmware.find(({ component }) => component === 'bundle')?.version,
    serial: card.serial?.toString(16).toUpperCase().padStart(16, '0'),
  };
  const { dramBytes, l1Bytes, cores } = deviceCapacity(facts, undefined, config);
  return {
    ...(card.arch !== undefined && { architecture: card.arch }),
    capacity: {
      ...(dramBytes !== undefined && { dramBytes }),
      ...(l1Bytes !== undefined && { l1Bytes }),
      ...(l1Bytes !== undefined && cores !== undefined && { l1BytesPerCore: l1Bytes / cores }),
    },
  };
}
