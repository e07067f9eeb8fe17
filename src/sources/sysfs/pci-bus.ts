import { lstatSync, readFileSync } from 'node:fs';
import { isErrnoCode } from './errno.ts';
import { parseHexWord } from './parse.ts';
import { pciAddressOrder } from './pci-address.ts';

const TENSTORRENT = 0x1e52;

interface KnownFunction {
  readonly inode: number;
  readonly changed: number;
  /** The PCI device id of a Tenstorrent function; undefined for what is not one. */
  readonly deviceId: number | undefined;
}

/**
 * Finds the Tenstorrent functions under `bus/pci/devices`. Hosts have hundreds of others, so it remembers by address and
 * inode whose each is; the memory saves reading `vendor`, nothing of it is published.
 */
export class PciBus {
  readonly #directory: string;
  readonly #known = new Map<string, KnownFunction>();

  constructor(sysfs: string) {
    this.#directory = `${sysfs}/bus/pci/devices`;
  }

  /**
   * PCI device ids of the Tenstorrent functions among `names`, the listing of the bus, by address. Throws where one
   * cannot be looked at: without it the order of the others would be a wrong one.
   */
  pickTenstorrent(names: readonly string[]): Map<string, number> {
    const found = new Map<string, number>();
    for (const address of names) {
      if (pciAddressOrder(address) === undefined) continue;
      const deviceId = this.#deviceId(address);
      if (deviceId !== undefined) found.set(address, deviceId);
    }
    if (this.#known.size > names.length) this.#forgetAllBut(new Set(names));
    return found;
  }

  #deviceId(address: string): number | undefined {
    const path = `${this.#directory}/${address}`;
    // The link, not its target: it is made anew with the device, and looking at it costs half.
    const link = lstatSync(path, { throwIfNoEntry: false });
    if (link === undefined) return undefined;
    const known = this.#known.get(address);
    if (known?.inode === link.ino && known.changed === link.ctimeMs) return known.deviceId;
    const deviceId = readWord(`${path}/vendor`) === TENSTORRENT ? (readWord(`${path}/device`) ?? 0) : undefined;
    this.#known.set(address, { inode: link.ino, changed: link.ctimeMs, deviceId });
    return deviceId;
  }

  #forgetAllBut(names: ReadonlySet<string>): void {
    for (const address of this.#known.keys()) {
      if (!names.has(address)) this.#known.delete(address);
    }
  }
}

/** `vendor` and `device` come from the kernel's memory: reading them never waits for a driver or the device. */
function readWord(path: string): number | undefined {
  try {
    return parseHexWord(readFileSync(path, 'latin1'));
  } catch (error) {
    if (isErrnoCode(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}
