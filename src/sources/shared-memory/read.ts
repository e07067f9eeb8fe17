import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { fileKey } from '../source.ts';
import { attachMarkOf, fingerprintOf } from './fingerprint.ts';
import { LARGEST_SIZE } from './layout.ts';
import { codeOf, implausibleErrors, messageOf } from './region-errors.ts';
import { settle } from './settle.ts';
import type { Stats } from 'node:fs';
import type { BoundedTexts } from '../bounded-texts.ts';
import type { ReadError } from '../source.ts';
import type { DecodeOptions } from './decode.ts';
import type { DecodedRegions } from './decoded-regions.ts';
import type { RegionEntry } from './list.ts';
import type { Settled } from './settle.ts';
import type { Region, RegionReading, RegionStatus } from './types.ts';

/** What the regions of one run share. */
export interface RegionReadContext {
  readonly decode: DecodeOptions;
  readonly decoded: DecodedRegions;
  /** Takes what goes wrong. */
  readonly errors: ReadError[];
  /** Keys of the files with several names that have been read: their bytes count once. */
  readonly linked: Set<string>;
  readonly names: BoundedTexts;
  /** Told of the bytes of each region, as they were read; they are overwritten by the next. */
  readonly onBytes?: ((path: string, bytes: Buffer) => void) | undefined;
}

/**
 * The last part of a path is not followed if it is a link, and opening waits for nobody, whatever lies there. libuv
 * adds O_CLOEXEC to every open.
 */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What is larger is no region, and not looked into. */
export const MAX_FILE_SIZE = 65_536;

/** One byte more than any layout has shows that a file is larger. Shared: between open and close nothing else runs. */
const BUFFERS = [Buffer.alloc(LARGEST_SIZE + 1), Buffer.alloc(LARGEST_SIZE + 1)] as const;

export const NOT_A_FILE = 'is not a regular file, so no TT-Metal process made it: remove it';

export const SECOND_NAME = 'is a second name of a region that is read already: remove it';

export function tooLarge({ size }: Stats): string {
  return `has ${size} bytes: no region is that large`;
}

/**
 * Reads one region with open, fstat, read and close; never by mmap, since a mapped file that shrinks kills its
 * reader. The calls are synchronous on purpose: /dev/shm is a tmpfs, whose regular files never block a read, and the
 * way through libuv's pool costs many times these 6 µs. Gives undefined where the file has gone since it was listed.
 */
export function readRegion(entry: RegionEntry, context: RegionReadContext): RegionReading | undefined {
  if (entry.special) return refuse(entry, context, 'untrusted', NOT_A_FILE, lookAt(entry.path));
  let descriptor: number;
  try {
    descriptor = openSync(entry.path, OPEN_FLAGS);
  } catch (error) {
    return refuseUnopened(entry, context, error);
  }
  try {
    return readOpen(entry, descriptor, context);
  } catch (error) {
    return refuseFailed(entry, context, `cannot be read: ${messageOf(error)}`);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads the region behind a descriptor that is open for reading. Throws what fstat() and read() give. */
export function readOpen(entry: RegionEntry, descriptor: number, context: RegionReadContext): RegionReading {
  // Before the bytes: an attach after this one shows as another st_ctime in the next reading.
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return refuse(entry, context, 'untrusted', NOT_A_FILE, stats);
  if (stats.size > MAX_FILE_SIZE) {
    return refuse(entry, context, 'unsupported', tooLarge(stats), stats);
  }
  if (stats.nlink > 1 && wasRead(stats, context)) return refuse(entry, context, 'untrusted', SECOND_NAME, stats);
  const settled = settle(
    (reading) => readWhole(descriptor, BUFFERS[reading]),
    (bytes) => {
      context.onBytes?.(entry.path, bytes);
      return context.decoded.decode(fileKey(stats), bytes, context.decode);
    },
  );
  return conclude(entry, stats, settled, context);
}

/** One read(): tmpfs gives all that is there. */
function readWhole(descriptor: number, buffer: Buffer): Buffer {
  return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, 0));
}

function wasRead(stats: Stats, { linked }: RegionReadContext): boolean {
  const key = fileKey(stats);
  const known = linked.has(key);
  linked.add(key);
  return known;
}

function conclude(
  entry: RegionEntry,
  stats: Stats,
  { hash, result, torn }: Settled,
  context: RegionReadContext,
): RegionReading {
  const { path, nameId, namespaces } = entry;
  const attachMark = attachMarkOf(stats.ctimeMs, Date.now());
  const problem = result.ok ? undefined : `${path}: ${result.problem}`;
  if (torn) context.errors.push({ reason: 'torn_read', message: `${path}: written to during both of two reads` });
  if (result.ok) context.errors.push(...implausibleErrors(path, result.implausible));
  else if (result.status === 'unsupported') context.errors.push({ reason: 'unsupported', message: problem ?? path });
  return {
    path,
    nameId,
    namespaces,
    file: { dev: stats.dev, ino: stats.ino },
    ownerUid: stats.uid,
    attachMark,
    fingerprint: fingerprintOf(hash, attachMark),
    status: result.ok ? 'decoded' : result.status,
    problem,
    region: result.ok ? withBoundedNames(result.region, context.names) : undefined,
  };
}

/** A copy only where a name has to go: the answer has enough different ones. */
function withBoundedNames(region: Region, names: BoundedTexts): Region {
  if (region.slots.every(({ name }) => names.of(name) === name)) return region;
  return { ...region, slots: region.slots.map((slot) => ({ ...slot, name: names.of(slot.name) })) };
}

function refuseUnopened(entry: RegionEntry, context: RegionReadContext, error: unknown): RegionReading | undefined {
  switch (codeOf(error)) {
    case 'ENOENT':
      return undefined;
    case 'ELOOP':
    case 'ENXIO':
      return refuse(entry, context, 'untrusted', NOT_A_FILE, lookAt(entry.path));
    case 'EACCES':
    case 'EPERM': {
      const stats = lookAt(entry.path);
      const owner = stats === undefined ? '' : ` (user ${stats.uid} owns it, mode ${modeOf(stats)})`;
      const problem = `may not be read${owner}: run the exporter as root or give it CAP_DAC_READ_SEARCH`;
      return refuse(entry, context, 'unreadable', problem, stats);
    }
    default:
      return refuseFailed(entry, context, `cannot be opened: ${messageOf(error)}`);
  }
}

function refuseFailed(entry: RegionEntry, context: RegionReadContext, problem: string): RegionReading {
  return refuse(entry, context, 'unreadable', problem, lookAt(entry.path), 'io_error');
}

/** A file that is not read, or not believed, and why. */
export function refuse(
  entry: RegionEntry,
  context: RegionReadContext,
  status: RegionStatus,
  what: string,
  stats: Stats | undefined,
  reason: string = status,
): RegionReading {
  const { path, nameId, namespaces } = entry;
  const problem = `${path} ${what}`;
  context.errors.push({ reason, message: problem });
  return {
    path,
    nameId,
    namespaces,
    file: stats === undefined ? undefined : { dev: stats.dev, ino: stats.ino },
    ownerUid: stats?.uid,
    attachMark: undefined,
    fingerprint: undefined,
    status,
    problem,
    region: undefined,
  };
}

/** What can be known of a file without opening it. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function modeOf(stats: Stats): string {
  return (stats.mode & 0o7777).toString(8).padStart(4, '0');
}
