import { decodeDevice } from './device-number.ts';
import { GONE, isFailure } from './proc-files.ts';
import type { Stats } from 'node:fs';
import type { Failure } from './proc-files.ts';

/** How a descriptor of a device is known. */
export interface DeviceMatch {
  /** Of the driver's character devices; undefined where /proc/devices did not tell: then the name must. */
  readonly major: number | undefined;
  /** The text of a dangling link counts: in a folder made for a test, never in a procfs of the kernel. */
  readonly danglingLinks: boolean;
}

/** What nearly every process holds, and is never a card. */
const COMMON = /^\/dev\/(?:null|zero|u?random|tty|pts\/|shm\/)/;

/**
 * N of /dev/tenstorrent/N behind a descriptor, given by the text of its link; undefined where it is another file. The
 * device's number decides, since a container may have card 3 under the name of card 0; the name only chooses what is worth
 * a `stat`, which is undefined where it may not be asked.
 */
export function deviceBehind(
  text: string,
  match: DeviceMatch,
  stat: () => Stats | undefined | Failure,
): number | undefined | Failure {
  if (!text.startsWith('/dev/') || COMMON.test(text)) return undefined;
  const stats = stat();
  const named = /^\/dev\/tenstorrent\/(\d{1,4})$/.exec(text)?.[1];
  if (stats === GONE && match.danglingLinks) return named === undefined ? undefined : Number(named);
  if (isFailure(stats)) return stats;
  if (stats?.isCharacterDevice() !== true) return undefined;
  const { major, minor } = decodeDevice(stats.rdev);
  const isDriver = match.major === undefined ? text.startsWith('/dev/tenstorrent/') : major === match.major;
  return isDriver ? minor : undefined;
}
