import { setImmediate } from 'node:timers/promises';
import { BoundedTexts, MAX_PROCESS_NAMES } from '../bounded-texts.ts';
import { within } from '../procfs/within.ts';
import { DecodedRegions } from './decoded-regions.ts';
import { listRegions } from './list.ts';
import { PrivateRegions } from './private-regions.ts';
import { readRegion } from './read.ts';
import { codeOf, messageOf } from './region-errors.ts';
import { readClock } from './timestamps.ts';
import type { Deadline } from '../../collect/deadline.ts';
import type { Outcome, ReadError, Source, SourceContext, SourceRun, SourceState, WantedFile } from '../source.ts';
import type { RegionEntry } from './list.ts';
import type { RegionReadContext } from './read.ts';
import type { Region, RegionReading, SharedMemoryReading } from './types.ts';

export interface SharedMemoryOptions {
  /** Where the regions are: /dev/shm. */
  readonly path: string;
  /** What a chip cannot hold: a counter above it is left out. */
  readonly maxBytes?: number;
  /** Told of the bytes of each region, as they were read; they are overwritten by the next. */
  readonly onBytes?: ((path: string, bytes: Buffer) => void) | undefined;
}

/** Twice the DRAM of the largest board, and each chip has a region of its own. */
const DEFAULT_MAX_BYTES = 64 * 2 ** 30;

/** So that a sum over 64 slots stays exact. */
const LARGEST_MAX_BYTES = 2 ** 47;

/** A host has some dozens; the rest of a flood is left out, and said. */
const MAX_REGIONS = 1024;

/** Regions between two turns of the event loop: half a millisecond. */
const BATCH = 64;

/**
 * The source that reads TT-Metal's shared memory regions, one for each chip and directory: the host's own, then those of
 * containers whose processes hold a device.
 */
export function createSharedMemorySource(options: SharedMemoryOptions): Source<SharedMemoryReading> {
  const parts = { ...options, privateRegions: new PrivateRegions(), decoded: new DecodedRegions() };
  return {
    name: 'shared_memory',
    start: (context) => startRun(parts, context),
    close: () => Promise.resolve(),
  };
}

/**
 * The regions whose holders are wanted: each decoded one, with the PIDs of its slots. One without slots is wanted too:
 * a holder that owns none is memory that nobody counts.
 */
export function wantedFiles(reading: SharedMemoryReading): WantedFile[] {
  const wanted: WantedFile[] = [];
  for (const { file, fingerprint, attachMark, region } of reading.regions) {
    if (file === undefined || fingerprint === undefined || attachMark === undefined || region === undefined) continue;
    const { slots } = region;
    wanted.push({
      file,
      fingerprint,
      attachMark,
      writerPids: writerPids(region),
      writerMark: (pid) => JSON.stringify(slots.filter((slot) => slot.pid === pid)),
    });
  }
  return wanted;
}

/** By region: one that nobody has written to is the same object in the next run. */
const knownWriters = new WeakMap<Region, readonly number[]>();

function writerPids(region: Region): readonly number[] {
  let pids = knownWriters.get(region);
  if (pids === undefined) {
    pids = [...new Set(region.slots.map(({ pid }) => pid).filter((pid) => pid > 0))];
    knownWriters.set(region, pids);
  }
  return pids;
}

/** What lives longer than a run. */
interface Parts extends SharedMemoryOptions {
  readonly privateRegions: PrivateRegions;
  readonly decoded: DecodedRegions;
}

/** What a run has by now. */
interface Progress {
  readonly startedAt: number;
  endedAt: number | undefined;
  outcome: Outcome | undefined;
  /** undefined until the directory is listed. */
  regions: RegionReading[] | undefined;
  unseenHolders: readonly number[];
  readonly errors: ReadError[];
}

function startRun(parts: Parts, context: SourceContext): SourceRun<SharedMemoryReading> {
  const progress: Progress = {
    startedAt: performance.now(),
    endedAt: undefined,
    outcome: undefined,
    regions: undefined,
    unseenHolders: [],
    errors: [],
  };
  return { done: run(parts, context, progress), state: () => stateOf(progress) };
}

async function run(parts: Parts, context: SourceContext, progress: Progress): Promise<void> {
  // The other sources send their first requests before this one keeps the thread.
  await Promise.resolve();
  const reading = readContextOf(parts, progress);
  let own: Outcome;
  try {
    own = await readOwn(parts, context.deadline, progress, reading);
  } catch (error) {
    own = noteFailure(parts.path, error, progress);
  }
  const found = await readPrivate(parts, context, progress, reading);
  progress.outcome = own === 'no_data' && found ? 'ok' : own;
  progress.endedAt = performance.now();
}

async function readOwn(
  { path }: Parts,
  deadline: Deadline,
  progress: Progress,
  context: RegionReadContext,
): Promise<Outcome> {
  const { entries, more, late } = await listRegions(path, MAX_REGIONS, deadline);
  const regions: RegionReading[] = [];
  progress.regions = regions;
  if (more) note(progress, 'too_many_regions', `${path} has more than ${MAX_REGIONS} regions: the rest is left out`);
  const inTime = await readEntries(entries, regions, deadline, context);
  if (late || !inTime) {
    note(progress, 'deadline', `${path} was not read to its end in time: it holds very many files`);
    return 'failed';
  }
  if (regions.length === 0) return 'no_data';
  return regions.every(({ status }) => status === 'unreadable') ? 'failed' : 'ok';
}

/** Waits for who holds a device at most half of the time, as others wait for this source. Whether there were any regions. */
async function readPrivate(
  { path, privateRegions }: Parts,
  { deadline, deviceHolders }: SourceContext,
  progress: Progress,
  context: RegionReadContext,
): Promise<boolean> {
  if (deviceHolders === undefined) return false;
  const holders = await within(deviceHolders, deadline.remaining() / 2);
  if (holders === undefined) {
    note(progress, 'deadline', 'the /dev/shm of containers were not looked into: who holds a device came too late');
    return false;
  }
  const own = progress.regions ?? [];
  const left = Math.max(0, MAX_REGIONS - own.length);
  const { regions, unseenHolders } = await privateRegions.read({ holders, path, own, left, context, deadline });
  progress.unseenHolders = unseenHolders;
  if (regions.length > 0 || unseenHolders.length > 0) progress.regions = [...own, ...regions];
  return regions.length > 0;
}

function readContextOf(
  { maxBytes = DEFAULT_MAX_BYTES, decoded, onBytes }: Parts,
  { errors }: Progress,
): RegionReadContext {
  decoded.startRun();
  const decode = { maxBytes: Math.min(maxBytes, LARGEST_MAX_BYTES), clock: readClock() };
  return { decode, decoded, errors, linked: new Set(), names: new BoundedTexts(MAX_PROCESS_NAMES), onBytes };
}

async function readEntries(
  entries: readonly RegionEntry[],
  regions: RegionReading[],
  deadline: Deadline,
  context: RegionReadContext,
): Promise<boolean> {
  for (const [index, entry] of entries.entries()) {
    if (index > 0 && index % BATCH === 0) await setImmediate();
    if (deadline.remaining() === 0) return false;
    const reading = readRegion(entry, context);
    if (reading !== undefined) regions.push(reading);
  }
  return true;
}

/** A directory that is not there is a host where no TT-Metal process has run, or a root that does not exist. */
function noteFailure(path: string, error: unknown, progress: Progress): Outcome {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'no_data';
  if (code === 'EACCES') {
    note(progress, 'unreadable', `${path} may not be listed: run the exporter as root or give it CAP_DAC_READ_SEARCH`);
  } else {
    note(progress, 'io_error', `${path} cannot be listed: ${messageOf(error)}`);
  }
  return 'failed';
}

function note(progress: Progress, reason: string, message: string): void {
  progress.errors.push({ reason, message });
}

function stateOf(progress: Progress): SourceState<SharedMemoryReading> {
  const { startedAt, endedAt, outcome, regions, unseenHolders, errors } = progress;
  const unseen = unseenHolders.length === 0 ? {} : { unseenHolders };
  return {
    outcome,
    data: regions === undefined ? undefined : { regions: regions.slice(), ...unseen },
    errors: errors.slice(),
    durationSeconds: ((endedAt ?? performance.now()) - startedAt) / 1000,
  };
}
