import { linkTarget, namesIn, numbersAfter } from './directories.ts';
import { lastPciAddress } from './pci-address.ts';

/** The numbers of a class's devices (`tenstorrent!3`, `hwmon3`) by the PCI function that they are of, ascending. */
export type ClassDevices = ReadonlyMap<string, readonly number[]>;

/**
 * Lists `class/<name>` of sysfs, whose entries are links into the functions' directories, or, in containers that mount
 * single directories, directories with a `device` link. A class that cannot be listed is empty: the functions' own
 * directories have the same.
 */
export function classDevices(sysfs: string, name: string, prefix: string): ClassDevices {
  const directory = `${sysfs}/class/${name}`;
  const found = new Map<string, number[]>();
  for (const number of numbersAfter(prefix, listed(directory))) {
    const entry = `${directory}/${prefix}${number}`;
    const address = lastPciAddress(linkTarget(entry) ?? linkTarget(`${entry}/device`) ?? '');
    if (address === undefined) continue;
    const numbers = found.get(address);
    if (numbers === undefined) found.set(address, [number]);
    else numbers.push(number);
  }
  return found;
}

function listed(directory: string): readonly string[] {
  try {
    return namesIn(directory) ?? [];
  } catch {
    return [];
  }
}
