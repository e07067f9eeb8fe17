import type { ProcfsReading } from '../sources/procfs/types.ts';
import { classDevices } from '../sources/sysfs/class-devices.ts';
import { DeviceEvents } from '../sources/sysfs/device-events.ts';
import type { Card } from '../sources/sysfs/types.ts';

/** PCI address by N of /dev/tenstorrent/N. */
type Numbers = ReadonlyMap<number, string>;

/** What was known when a collection began. */
export interface NumbersBefore {
  readonly events: string | undefined;
  readonly numbers: Numbers;
}

/**
 * Knows which of the driver's numbers may have been another card's for a part of a collection. A card's own files and
 * the list of who has its number open are read at different moments: between them it can get the number of another one.
 */
export class DriverNumbers {
  readonly #sysfs: string;
  readonly #events: DeviceEvents;
  #last: Numbers = new Map();

  /** `sysfs`: where it is. */
  constructor(sysfs: string) {
    this.#sysfs = sysfs;
    this.#events = new DeviceEvents(sysfs);
  }

  /** To be called before anything is read. */
  begin(): NumbersBefore {
    return { events: this.#events.count(), numbers: this.#last };
  }

  /** The reading without the holders of such numbers. */
  withoutUnsure(before: NumbersBefore, cards: readonly Card[], procfs: ProcfsReading): ProcfsReading {
    const unsure = this.#unsure(before, cards);
    if (unsure.size === 0) return procfs;
    return { ...procfs, devices: new Map([...procfs.devices].filter(([number]) => !unsure.has(number))) };
  }

  close(): void {
    this.#events.close();
  }

  #unsure({ events, numbers: before }: NumbersBefore, cards: readonly Card[]): Set<number> {
    const read = numbersOf(cards);
    this.#last = read;
    const unsure = new Set<number>();
    // Each device that comes or goes is an event: without any no number has become another card's.
    if (events !== undefined && events === this.#events.count()) return unsure;
    const now = this.#now();
    for (const [number, address] of read) {
      const isSure = (before.get(number) ?? address) === address && (now === undefined || now.get(number) === address);
      if (!isSure) unsure.add(number);
    }
    return unsure;
  }

  /** undefined where the driver's class cannot be listed. */
  #now(): Numbers | undefined {
    const devices = classDevices(this.#sysfs, 'tenstorrent', 'tenstorrent!');
    if (devices.size === 0) return undefined;
    return new Map([...devices].flatMap(([address, numbers]) => numbers.map((number) => [number, address] as const)));
  }
}

function numbersOf(cards: readonly Card[]): Numbers {
  return new Map(
    cards.flatMap(({ driverIndex, pciAddress }) => (driverIndex === undefined ? [] : [[driverIndex, pciAddress]])),
  );
}
