import { listNumbers } from './proc-files.ts';
import { parsePids } from './parse-pids.ts';
import type { DeviceHolders } from './types.ts';
import type { FileResult, Lane, LaneReader } from '../../io/lanes.ts';
import type { ReadError } from '../source.ts';

/** About 9,000 descriptors of one device. */
const MAX_BYTES = 64 * 1024;

/** The holders of every device, as far as they are read. */
export interface DeviceHoldersRead {
  /** Resolves when every file is read, or the deadline has come. Never rejects. */
  readonly done: Promise<void>;
  /** What is there by now. A device whose file could not be read is not. */
  result(): { readonly devices: ReadonlyMap<number, DeviceHolders>; readonly errors: readonly ReadError[] };
}

/** The N of every <root>/driver/tenstorrent/N; GONE where the driver has no such folder (tt-kmd before 2.5, or none). */
export function listDevices(root: string): ReturnType<typeof listNumbers> {
  return listNumbers(`${root}/driver/tenstorrent`);
}

/** What a text of the driver came to, and the text: most often it is the same in the next run. */
interface Decoded {
  readonly file: FileResult;
  readonly outcome: DeviceHolders | ReadError | undefined;
}

/** Reads the driver's lists of holders. What it remembers saves work: every list is read in every run. */
export class DeviceHoldersReader {
  readonly #root: string;
  readonly #lanes: LaneReader;
  readonly #laneOf = new Map<number, Lane>();
  readonly #decoded = new Map<number, Decoded>();

  constructor(root: string, lanes: LaneReader) {
    this.#root = root;
    this.#lanes = lanes;
  }

  /**
   * Reads <root>/driver/tenstorrent/N/pids of each device in a lane of its own: the driver takes a mutex there that
   * opening, closing and resetting the device hold too.
   */
  read(devices: readonly number[], signal: AbortSignal): DeviceHoldersRead {
    const run = this.#lanes.read(
      devices.map((device) => this.#lane(device)),
      signal,
    );
    let last: { readonly lanes: number; readonly result: ReturnType<DeviceHoldersRead['result']> } | undefined;
    return {
      done: run.done,
      result: () => {
        const results = run.results();
        if (last?.lanes !== results.size) last = { lanes: results.size, result: this.#result(devices, results) };
        return last.result;
      },
    };
  }

  #result(
    devices: readonly number[],
    results: ReadonlyMap<string, readonly FileResult[]>,
  ): ReturnType<DeviceHoldersRead['result']> {
    const holders = new Map<number, DeviceHolders>();
    const errors: ReadError[] = [];
    for (const device of devices) {
      const file = results.get(laneKey(device))?.[0];
      const outcome = file === undefined ? notRead(this.#root, device) : this.#decode(device, file);
      if (outcome === undefined) continue;
      if ('reason' in outcome) errors.push(outcome);
      else holders.set(device, outcome);
    }
    return { devices: holders, errors };
  }

  #decode(device: number, file: FileResult): Decoded['outcome'] {
    const known = this.#decoded.get(device);
    if (known !== undefined && isSame(known.file, file)) return known.outcome;
    const outcome = decode(this.#root, device, file);
    this.#decoded.set(device, { file, outcome });
    return outcome;
  }

  #lane(device: number): Lane {
    let lane = this.#laneOf.get(device);
    if (lane === undefined) {
      // A descriptor of a device that went and came back gives EIO (linux: fs/proc/inode.c), so it is opened anew.
      const files = [{ path: pidsPath(this.#root, device), maxBytes: MAX_BYTES }];
      lane = { key: laneKey(device), generation: '', files };
      this.#laneOf.set(device, lane);
    }
    return lane;
  }
}

function isSame(one: FileResult, other: FileResult): boolean {
  if (!one.ok || !other.ok) return !one.ok && !other.ok && one.code === other.code;
  return one.text === other.text && one.truncated === other.truncated;
}

function laneKey(device: number): string {
  return `procfs/pids/${device}`;
}

function pidsPath(root: string, device: number): string {
  return `${root}/driver/tenstorrent/${device}/pids`;
}

function notRead(root: string, device: number): ReadError {
  const path = pidsPath(root, device);
  return { reason: 'blocked', message: `${path}: the driver does not answer; its device may be in a reset` };
}

function decode(root: string, device: number, file: FileResult): DeviceHolders | ReadError | undefined {
  const path = pidsPath(root, device);
  if (!file.ok) {
    // A device that has been removed meanwhile has no holders, and is no error.
    if (file.code === 'ENOENT' || file.code === 'ENODEV') return undefined;
    return { reason: 'unreadable', message: `${path}: ${file.code}` };
  }
  if (file.truncated) return { reason: 'too_long', message: `${path}: longer than ${MAX_BYTES} bytes, not counted` };
  return (
    parsePids(file.text) ?? { reason: 'malformed', message: `${path}: a line is not a PID; is this the driver's file?` }
  );
}

/** The same from descriptors that were found one by one: device and host PID of each. Nothing is known of invisible ones. */
export function countDescriptors(
  found: Iterable<{ readonly pid: number; readonly devices: ReadonlyMap<number, number> }>,
): ReadonlyMap<number, DeviceHolders> {
  const byDevice = new Map<number, Map<number, number>>();
  for (const { pid, devices } of found) {
    for (const [device, count] of devices) {
      const byPid = byDevice.get(device) ?? new Map<number, number>();
      byPid.set(pid, (byPid.get(pid) ?? 0) + count);
      byDevice.set(device, byPid);
    }
  }
  return new Map(
    [...byDevice].map(([device, byPid]) => {
      const descriptors = [...byPid.values()].reduce((sum, count) => sum + count, 0);
      return [device, { descriptors, invisible: 0, byPid }];
    }),
  );
}
