import { classDevices } from './class-devices.ts';
import type { ClassDevices } from './class-devices.ts';
import { DeviceEvents, UntilNextEvent } from './device-events.ts';
import { directoryId, linkTarget, namesIn, numbersAfter } from './directories.ts';
import { reasonOf } from './errno.ts';
import { pciAddressOrder } from './pci-address.ts';
import { PciBus } from './pci-bus.ts';
import type { ReadError } from '../source.ts';

/** Where the files of one Tenstorrent function are. */
export interface CardLocation {
  readonly pciAddress: string;
  readonly pciDirectory: string;
  /** Decides which files are looked for; 0 where it is not known. */
  readonly pciDeviceId: number;
  /** Whether the tenstorrent driver is bound to it. */
  readonly bound: boolean;
  readonly driverIndex: number | undefined;
  /** `…/tenstorrent/tenstorrent!N` */
  readonly classDirectory: string | undefined;
  /** None, one, or two of the same device (tt-kmd issue 25), in order of their numbers. */
  readonly hwmonDirectories: readonly string[];
  /** Changes when any of these directories is another one than before. */
  readonly generation: string;
}

export type Enumeration =
  | { readonly ok: true; readonly cards: readonly CardLocation[] }
  /** The bus could not be listed: not even how many cards there are is known. */
  | { readonly ok: false; readonly error: ReadError };

interface Classes {
  readonly tenstorrent: ClassDevices;
  readonly hwmon: ClassDevices;
}

const CLASS = 'tenstorrent';
const CLASS_PREFIX = 'tenstorrent!';
const HWMON = 'hwmon';

/**
 * Finds the Tenstorrent functions of a host, in order of PCI address, driver bound or not. It only lists directories
 * and follows links, which no driver can block.
 */
export class CardEnumerator {
  readonly #sysfs: string;
  readonly #bus: PciBus;
  readonly #events: DeviceEvents;
  readonly #remembered: UntilNextEvent<Enumeration>;

  constructor(sysfs: string, now?: () => number) {
    this.#sysfs = sysfs;
    this.#bus = new PciBus(sysfs);
    this.#events = new DeviceEvents(sysfs);
    this.#remembered = new UntilNextEvent(this.#events, now);
  }

  /** The same objects while nothing can have changed. */
  enumerate(): Enumeration {
    return this.#remembered.get(() => this.#look(), isWhole);
  }

  /** A card is not where it was. */
  lookAgain(): void {
    this.#remembered.forget();
  }

  close(): void {
    this.#events.close();
  }

  #look(): Enumeration {
    try {
      return { ok: true, cards: this.#cards() };
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      const message = `the PCI devices below ${this.#sysfs} cannot be listed: ${cause}; check --path.sysfs and its rights`;
      return { ok: false, error: { reason: reasonOf(error), message } };
    }
  }

  #cards(): CardLocation[] {
    const onBus = this.#bus.pickTenstorrent(namesIn(`${this.#sysfs}/bus/pci/devices`) ?? []);
    const tenstorrent = classDevices(this.#sysfs, CLASS, CLASS_PREFIX);
    if (onBus.size === 0 && tenstorrent.size === 0) return [];
    const classes: Classes = { tenstorrent, hwmon: classDevices(this.#sysfs, HWMON, HWMON) };
    const addresses = [...new Set([...onBus.keys(), ...tenstorrent.keys()])];
    return addresses
      .sort((a, b) => (pciAddressOrder(a) ?? 0) - (pciAddressOrder(b) ?? 0))
      .map((address) => this.#locate(address, onBus.get(address), classes))
      .filter((card) => card !== undefined);
  }

  #locate(address: string, deviceId: number | undefined, classes: Classes): CardLocation | undefined {
    const [classIndex] = classes.tenstorrent.get(address) ?? [];
    const pciDirectory =
      deviceId === undefined && classIndex !== undefined
        ? `${this.#sysfs}/class/${CLASS}/${CLASS_PREFIX}${classIndex}/device`
        : `${this.#sysfs}/bus/pci/devices/${address}`;
    const pciId = directoryId(pciDirectory);
    // A function on the bus whose directory is gone has been unplugged since.
    if (pciId === undefined && deviceId !== undefined) return undefined;
    const driver = this.#driver(deviceId === undefined ? undefined : pciDirectory, classIndex);
    const bound = driver !== undefined || this.#isBound(address, pciDirectory);
    const hwmons = bound ? hwmonDirectories(pciDirectory, classes.hwmon.get(address)) : [];
    const ids = [pciId, driver?.id, ...hwmons.map(directoryId)];
    return {
      pciAddress: address,
      pciDirectory,
      pciDeviceId: deviceId ?? 0,
      bound,
      driverIndex: driver?.index,
      classDirectory: driver?.directory,
      hwmonDirectories: hwmons,
      generation: ids.join(' '),
    };
  }

  /** The driver's directory of a function: below the function's own, if that is on the bus, else where the class has it. */
  #driver(pciDirectory: string | undefined, classIndex: number | undefined): DriverDirectory | undefined {
    const parents = [`${this.#sysfs}/class/${CLASS}`];
    if (pciDirectory !== undefined) parents.unshift(`${pciDirectory}/${CLASS}`);
    const [index] =
      classIndex === undefined ? numbersAfter(CLASS_PREFIX, namesIn(parents[0] ?? '') ?? []) : [classIndex];
    if (index === undefined) return undefined;
    for (const parent of parents) {
      const directory = `${parent}/${CLASS_PREFIX}${String(index)}`;
      const id = directoryId(directory);
      if (id !== undefined) return { index, directory, id };
    }
    return undefined;
  }

  #isBound(address: string, pciDirectory: string): boolean {
    const driver = linkTarget(`${pciDirectory}/driver`);
    if (driver !== undefined) return driver.endsWith(`/${CLASS}`);
    return directoryId(`${this.#sysfs}/bus/pci/drivers/${CLASS}/${address}`) !== undefined;
  }
}

/** Whether every card is in use: a driver that has begun with one counts its event only when it is done. */
function isWhole(found: Enumeration): boolean {
  return found.ok && found.cards.every(({ bound, classDirectory }) => bound && classDirectory !== undefined);
}

interface DriverDirectory {
  readonly index: number;
  readonly directory: string;
  readonly id: string;
}

function hwmonDirectories(pciDirectory: string, listed: readonly number[] | undefined): string[] {
  const parent = `${pciDirectory}/${HWMON}`;
  const numbers = listed ?? numbersAfter(HWMON, namesIn(parent) ?? []);
  return numbers.map((number) => `${parent}/${HWMON}${number}`);
}
