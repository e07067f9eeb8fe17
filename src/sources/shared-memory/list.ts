import { opendirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Dir, Dirent } from 'node:fs';
import type { Deadline } from '../../collect/deadline.ts';

/** A directory entry with the name of a region. */
export interface RegionEntry {
  readonly path: string;
  readonly nameId: bigint;
  /** It is certainly no regular file: not to be opened at all. */
  readonly special: boolean;
  /** Mount namespaces that it was found in; undefined: in the host's own directory. */
  readonly namespaces?: readonly number[];
}

export interface RegionList {
  readonly entries: readonly RegionEntry[];
  /** There are more than `limit`. */
  readonly more: boolean;
  /** The deadline came first. */
  readonly late: boolean;
}

/** Its neighbours, such as tt_device_<id>_util, are something else. */
const NAME = /^tt_device_(\d{1,20})_memory$/;

const LARGEST_ID = 0xff_ff_ff_ff_ff_ff_ff_ffn;

/** Entries between two looks at the clock. */
const BATCH = 256;

/** The id in the name of a region, a u64 in decimal; undefined where the name is not one of a region. */
export function regionNameId(name: string): bigint | undefined {
  const digits = NAME.exec(name)?.[1];
  if (digits === undefined) return undefined;
  const id = BigInt(digits);
  return id <= LARGEST_ID ? id : undefined;
}

/**
 * Lists at most `limit` regions of a directory, in the order of their ids. Anybody may put any number of files into
 * /dev/shm: so entries are read in batches, and other work gets its turn between them. Throws what opendir throws.
 */
export async function listRegions(directory: string, limit: number, deadline: Deadline): Promise<RegionList> {
  const entries: RegionEntry[] = [];
  let more = false;
  let late = false;
  const open = opendirSync(directory, { bufferSize: BATCH });
  try {
    let batch = takeBatch(open, directory, entries);
    while (batch === BATCH && !more && !late) {
      await setImmediate();
      late = deadline.remaining() === 0;
      if (!late) batch = takeBatch(open, directory, entries);
      more = entries.length > limit;
    }
    more = entries.length > limit;
  } finally {
    open.closeSync();
  }
  const kept = entries.slice(0, limit).sort(byId);
  return { entries: kept, more, late };
}

function takeBatch(open: Dir, directory: string, entries: RegionEntry[]): number {
  for (let taken = 0; taken < BATCH; taken++) {
    const entry = open.readSync();
    if (entry === null) return taken;
    const nameId = regionNameId(entry.name);
    if (nameId !== undefined) entries.push({ path: join(directory, entry.name), nameId, special: isSpecial(entry) });
  }
  return BATCH;
}

/** Some file systems do not tell the type: then opening it, which waits for nothing, does. */
function isSpecial(entry: Dirent): boolean {
  return (
    entry.isDirectory() ||
    entry.isSymbolicLink() ||
    entry.isFIFO() ||
    entry.isSocket() ||
    entry.isCharacterDevice() ||
    entry.isBlockDevice()
  );
}

function byId(a: RegionEntry, b: RegionEntry): number {
  if (a.nameId !== b.nameId) return a.nameId < b.nameId ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}
